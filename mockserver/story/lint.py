"""Turn journal entries into findings: what a client does that works today and costs money, or its key, tomorrow.

A rule is a function from a story to sentences; it is named like the function. Nothing is guessed: a finding follows
from the calls alone, and the sentence says what would be right.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import orjson

from apidouble.mockserver.domain.call import WHOLE
from apidouble.mockserver.domain.journal import Entry
from apidouble.mockserver.domain.names import closest
from apidouble.mockserver.spec.model import Contract, Numbered, Operation, VendorSpec
from apidouble.mockserver.story.transcript import write_outcome
from apidouble.mockserver.vendors.qcomment import VENDOR as QCOMMENT
from apidouble.mockserver.vendors.qqtube import VENDOR as QQTUBE

ERROR, WARNING = "error", "warning"
RETRY_MS = 60_000
EXCESSIVE = "excessive: "

# Refusals that go away by themselves, and those that only say that there is nothing.
PASSING = frozenset({"104", "605", "on_moderation", "9004", "9030"})
EMPTY = frozenset({"503", "803", "904", "1403"})

ABOUT_AN_ID = re.compile(r"(missing|not found|unknown)$")
SUBMISSION = re.compile(r"/_apidouble/qqtube/submissions/([0-9]+)/")
KEYS = {QCOMMENT.name: QCOMMENT.key, QQTUBE.name: QQTUBE.key}
SUCCESS = {
    "qcomment": 'an answer with error_code, or with "status":"no", is a refusal',
    "qqtube": 'only an answer with "status":"success" is one',
}

KEY_IN_URL, NEAR_MISS, UNREAD, POLLING, COMPLETED = (
    "key-in-url",
    "near-miss-parameter",
    "unread-parameter",
    "polling-too-often",
    "stats-of-completed",
)


class Finding(NamedTuple):
    """What a client did, by which rule, and in which entries of the journal."""

    rule: str
    severity: str
    sentence: str
    calls: tuple[int, ...]


Said = Iterator[tuple[str, tuple[int, ...]]]


@dataclass(frozen=True)
class Story:
    """The entries of a journal, oldest first, and what the specs say of them."""

    entries: Sequence[Entry]
    contract: Contract

    @cached_property
    def calls(self) -> list[Entry]:
        """The vendors' calls."""
        return [entry for entry in self.entries if entry.vendor in self.contract.vendors]

    def spec(self, entry: Entry) -> VendorSpec:
        """Return what the specs say of the vendor that was called."""
        return self.contract.vendors[entry.vendor]

    def operation(self, entry: Entry) -> Operation | None:
        """Return the operation that was called, None if it was none."""
        return self.spec(entry).operations.get(entry.operation)

    def told(self, entry: Entry) -> bool:
        """Tell whether the client has received the vendor's answer as it was."""
        return entry.fault is None or (
            entry.fault.sent.body == entry.response.body and entry.fault.sent.delivery.ending == WHOLE
        )

    def outcome(self, entry: Entry) -> str:
        """Return how a call ended, with what that means."""
        return write_outcome(self.spec(entry), entry.outcome)


RULES: dict[str, tuple[str, Callable[[Story], Said]]] = {}


def rule(severity: str) -> Callable[[Callable[[Story], Said]], Callable[[Story], Said]]:
    """Register a rule."""

    def register(function: Callable[[Story], Said]) -> Callable[[Story], Said]:
        RULES[function.__name__.replace("_", "-")] = (severity, function)
        return function

    return register


def lint(entries: Iterable[Entry], contract: Contract, allow: Collection[str] = ()) -> list[Finding]:
    """Return the findings of all rules but the allowed ones, in the order of their first calls.

    What is said twice is one finding. Raises ValueError for a rule that does not exist.
    """
    check_rules(allow)
    story = Story(tuple(entries), contract)
    found: dict[tuple[str, str, str], list[int]] = {}
    for name, (severity, function) in RULES.items():
        if name not in allow:
            for sentence, calls in function(story):
                found.setdefault((name, severity, sentence), []).extend(calls)
    findings = [Finding(*said, tuple(dict.fromkeys(calls))) for said, calls in found.items()]
    return sorted(findings, key=lambda finding: finding.calls[0])


def check_rules(names: Collection[str]) -> None:
    """Raise ValueError for a rule that does not exist."""
    if isinstance(names, str):
        raise ValueError(f"rules are a list: [{names!r}]")
    for name in names:
        if name not in RULES:
            meant = closest(name, RULES)
            raise ValueError(
                f"there is no rule {name!r}; "
                + (f"did you mean {meant}?" if meant else f"there are: {', '.join(sorted(RULES))}")
            )


def rule_of(remark: str, contract: Contract) -> str | None:
    """Return the rule that a remark of the journal belongs to, None for one that is about a refused value."""
    if remark.startswith(EXCESSIVE):
        excess = contract.vendors["qqtube"].rules.catalogs["excess"]["completed"]
        return COMPLETED if remark == EXCESSIVE + excess["note"] else POLLING
    if "address of a POST" in remark or "is not read: send POST" in remark:
        return KEY_IN_URL
    if "did you mean" in remark:
        return NEAR_MISS
    return UNREAD if "ignored" in remark or "not read" in remark or "; read as" in remark else None


def asked(entry: Entry) -> tuple[str, bytes]:
    """Return what makes two calls of a vendor the same."""
    return entry.operation, orjson.dumps(entry.parameters, option=orjson.OPT_SORT_KEYS)


@rule(ERROR)
def error_taken_for_success(story: Story) -> Said:
    """Look for a call that needs what the refused call right before it did not give."""
    for vendor in story.contract.vendors:
        refused: Entry | None = None
        for call in (call for call in story.calls if call.vendor == vendor):
            links = _links(story.spec(call))
            parameter = refused and links.get((refused.operation, call.operation))
            if refused is not None and parameter and _about(story.spec(call), call, parameter):
                yield (
                    (
                        f"{call.operation} was called {_with(parameter, call)}, right after {refused.operation} had "
                        f"been refused with {story.outcome(refused)} and gave none: {SUCCESS[vendor]}"
                    ),
                    (refused.sequence, call.sequence),
                )
            elif call.outcome == "ok":
                refused = None
            if call.outcome != "ok":
                refused = call if story.told(call) else None


@rule(ERROR)
def permanent_error_retried(story: Story) -> Said:
    """Look for a refused call that is sent again as it was, although nothing has happened since."""
    refused: dict[str, dict[Any, Entry]] = {}
    for entry in story.entries:
        if entry.vendor not in story.contract.vendors:
            refused.clear()
        elif entry.outcome == "ok":
            refused.pop(entry.vendor, None)
        elif entry.operation and entry.outcome not in PASSING | EMPTY and story.told(entry):
            before = refused.setdefault(entry.vendor, {}).get(asked(entry))
            if before and entry.at_ms - before.at_ms <= RETRY_MS:
                yield (
                    (
                        f"{entry.operation} was sent again as it was after {story.outcome(before)}, which stays until "
                        f"something else has changed: do not repeat it"
                    ),
                    (before.sequence, entry.sequence),
                )
            refused[entry.vendor][asked(entry)] = entry


@rule(ERROR)
def duplicate_add(story: Story) -> Said:
    """Look for an order of the same service for the same link while the first one is not known to be over."""
    going: dict[tuple[str, str], tuple[int, Entry]] = {}
    states = story.contract.vendors["qqtube"].rules.machines["submission"].states
    for entry in story.entries:
        over = {id_ for id_, status in _statuses(entry) if states[status].info["group"] != "in_progress"}
        going = {order: first for order, first in going.items() if first[0] not in over}
        if (entry.vendor, entry.operation, entry.outcome) == ("qqtube", "add", "ok"):
            order = str(entry.parameters["id_service"]), str(entry.parameters["url"])
            if order in going:
                number, first = going[order]
                yield (
                    (
                        f"add ordered service {order[0]} for {order[1]} again while submission {number}, for the same, "
                        f"was in progress: wait until stats says that it is over"
                    ),
                    (first.sequence, entry.sequence),
                )
            going[order] = int(orjson.loads(entry.response.body)["id_service_submission"]), entry


@rule(ERROR)
def key_in_url(story: Story) -> Said:
    """Look for the key of an operation that takes POST only in an address."""
    for call in story.calls:
        operation, spec = story.operation(call), story.spec(call)
        key = KEYS[spec.name]
        if operation and "GET" not in operation.methods and key in dict(parse_qsl(call.request.query)):
            yield (
                (
                    f"{call.operation} was sent with {key} in its URL, where proxies and logs keep it: send it in the "
                    f"body of a POST"
                ),
                (call.sequence,),
            )


def _remarked(name: str, severity: str, words: str) -> None:
    """Register a rule whose findings are remarks of the journal."""

    def remarks(story: Story) -> Said:
        for call in story.calls:
            for remark in call.diagnostics:
                if rule_of(remark, story.contract) == name:
                    yield words.format(call.operation or call.request.path, remark), (call.sequence,)

    RULES[name] = (severity, remarks)


_remarked(NEAR_MISS, ERROR, "{} was sent a parameter that it does not have: {}")
_remarked(UNREAD, WARNING, "{} was sent what is not read: {}")
_remarked(POLLING, WARNING, "{} was called more often than the document allows: {}; wait longer than a minute")
_remarked(COMPLETED, WARNING, "{} was called for what is over: {}; ask no more once the status is final")


def _links(spec: VendorSpec) -> dict[tuple[str, str], str]:
    """Return which parameter of the second operation comes from the first one's answer, as the OpenAPI links say."""
    found = {}
    for source in spec.operations.values():
        item = spec.document["paths"][source.path]
        # An address that several operations share is described by its methods.
        described = [item[m.lower()] for m in source.methods if len(source.methods) == 1]
        for response in (r for method in described for r in method["responses"].values()):
            for target, link in response.get("links", {}).items():
                for parameter, pointer in {**link.get("requestBody", {}), **link.get("parameters", {})}.items():
                    if str(pointer).startswith("$response.body#/"):
                        found[source.id, target] = parameter
    return found


def _about(spec: VendorSpec, call: Entry, parameter: str) -> bool:
    """Tell whether a call was refused because this parameter was missing or names nothing."""
    if call.outcome in spec.failures:
        failure = spec.failures[call.outcome]
        return failure.name != "field_required" and bool(ABOUT_AN_ID.search(failure.gloss))
    errors: list[Numbered] = [spec.numbered[code] for code in call.codes if code in spec.numbered]
    return any(
        (parameter in {cause.parameter for cause in error.when})
        or (not error.when and bool(ABOUT_AN_ID.search(error.gloss)))
        for error in errors
        if "any" not in error.operations and error.code not in (101, 102)
    )


def _with(parameter: str, call: Entry) -> str:
    value = call.parameters.get(parameter)
    return f"without {parameter}" if value in (None, "") else f"with {parameter}={value}"


def _statuses(entry: Entry) -> Iterator[tuple[int, int]]:
    """Yield the submissions that an answer tells of, with their statuses."""
    if entry.vendor == "qqtube" and entry.outcome == "ok" and entry.operation in ("stats", "submissions"):
        answer = orjson.loads(entry.response.body)
        for told in answer if isinstance(answer, list) else [answer]:
            yield int(told["id_service_submission"]), int(told["status"]["id_status"])
    elif entry.vendor == "control" and SUBMISSION.match(entry.request.path):
        told = orjson.loads(entry.response.body)
        yield told["id"], told["status"]
