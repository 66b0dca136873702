"""From a journal entry to what can be pasted elsewhere: a line of curl, a test for pytest."""

import re
import shlex
from collections.abc import Callable, Sequence
from pprint import pformat
from typing import Any
from urllib.parse import parse_qsl

import orjson

from apidouble.mockserver.console.views.masks import KEY_NAMES, Mask
from apidouble.mockserver.domain.call import WHOLE, Request, Response
from apidouble.mockserver.domain.journal import Entry
from apidouble.mockserver.domain.world import World
from apidouble.mockserver.spec.model import Contract

VARIABLES = {"qcomment": "QCOMMENT_APICODE", "qqtube": "QQTUBE_API_KEY", "control": "APIDOUBLE_TOKEN"}
HOLE = "\x00KEY\x00"
MOST_BEFORE = 40
FORM = "application/x-www-form-urlencoded"
Fresh = Callable[[], Callable[[Request], Response]]


def curl(entry: Entry, world: World, url: str, *, shown: bool) -> str:
    """Return the line that makes a call again; unless keys are shown, it takes them from the environment."""
    request, mask = entry.request, Mask(world, entry, shown=shown, instead=HOLE)
    target = url + request.path + (f"?{mask.form(request.query)}" if request.query else "")
    words = ["curl"]
    if request.method == "POST" and request.body and request.content_type.startswith(FORM):
        words += ["--data-raw", mask.form(request.body.decode("utf-8", "surrogateescape"))]
    elif request.body or request.method != "GET":
        words += ["-X", request.method]
        words += ["-H", f"Content-Type: {request.content_type}"] if request.content_type else []
        words += ["--data-binary", mask.text(request.body.decode("utf-8", "surrogateescape"))] if request.body else []
    if request.fault:
        words += ["-H", f"X-Apidouble-Fault: {request.fault}"]
    if request.authorization:
        words += ["-H", f"Authorization: {mask.text(request.authorization)}"]
    variable = f"'\"${VARIABLES.get(entry.vendor, 'KEY')}\"'"
    line = " ".join([*map(shlex.quote, words), shlex.quote(target)])
    if HOLE in line:
        line = line.replace(HOLE, variable)
    return line.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def pytest_of(
    entry: Entry, entries: Sequence[Entry], contract: Contract, world: World, fresh: Fresh, mask: Mask
) -> str:
    """Return a test that makes a call and expects the answer that it had.

    `fresh` opens this world anew; where it answers otherwise there, the test makes the calls before it first, as far as
    there are not too many of them.
    """
    alone = fresh()(entry.request._replace(fault="")) == entry.response
    before = [] if alone else [e for e in entries if e.sequence < entry.sequence and _changes(e, contract)]
    known = len(before) <= MOST_BEFORE and (not entries or entries[0].sequence == 1)
    verdict = "ok" if entry.outcome == "ok" else f"answers_{re.sub(r'[^a-z0-9]+', '_', entry.outcome.lower())}"
    name = re.sub(r"\W+", "_", entry.operation or "call")
    needs = ["import pytest", "import requests"] if _is_lost(entry) else ["import requests"]
    lines = [*needs, "", "", f"def test_{name}_{verdict}(apidouble):"]
    if before and not known:
        lines.append(f"    # {len(before)} calls came before and change this answer: replay the capsule for them.")
    if before and known:
        lines.append("    # what came before")
        for each in before:
            lines += [f"    {line}" for line in _calls(each, contract, world)]
        lines.append("")
    lines += [f"    {line}" for line in _judged(entry, contract, world)]
    if entry.vendor in contract.vendors and entry.operation:
        lines.append(f"    apidouble.calls.where({entry.operation!r}, outcome={entry.outcome!r}).at_least(1)")
    return mask.text("\n".join(lines)) + "\n"


def _judged(entry: Entry, contract: Contract, world: World) -> list[str]:
    """Return the call and what its answer must be; a fault that struck it is asked for first."""
    calls = _calls(entry, contract, world)
    lines = []
    if entry.fault is not None:
        asked = {**entry.fault.fault.plain(), "operation": entry.operation}
        words = ", ".join(f"{name}={value!r}" for name, value in asked.items() if value)
        lines.append(f"apidouble.faults.add({words})")
    if _is_lost(entry):
        return [*lines, "with pytest.raises(requests.RequestException):", *(f"    {line}" for line in calls)]
    if entry.vendor == "control":
        return [*lines, *calls]
    return [*lines, f"answer = {calls[0]}", *calls[1:], "", *_expects(entry)]


def _is_lost(entry: Entry) -> bool:
    return entry.sent.delivery.ending != WHOLE


def _changes(entry: Entry, contract: Contract) -> bool:
    if entry.vendor == "control":
        return entry.operation not in ("reset", "resetCoverage")
    operation = contract.vendors[entry.vendor].operations.get(entry.operation)
    return entry.outcome == "ok" and operation is not None and not operation.only_reads(entry.parameters)


def _calls(entry: Entry, contract: Contract, world: World) -> list[str]:
    """Return the statement, by lines, that makes a call."""
    request = entry.request
    if entry.vendor == "control":
        path = request.path.removeprefix("/_apidouble")
        sent = f", {pformat(orjson.loads(request.body))}" if request.body.strip() else ""
        return [f"apidouble.control({request.method!r}, {path!r}{sent})"]
    url = f"https://{contract.vendors[entry.vendor].hosts[0]}{request.path}"
    own = str(world.accounts[entry.vendor].key)

    def value(name: str, text: str) -> str:
        return f'apidouble.keys["{entry.vendor}"]' if name in KEY_NAMES and text == own else repr(text)

    def dictionary(written: str) -> str:
        pairs = parse_qsl(written, keep_blank_values=True)
        if len({name for name, _ in pairs}) == len(pairs):
            return "{" + ", ".join(f"{name!r}: {value(name, text)}" for name, text in pairs) + "}"
        return "[" + ", ".join(f"({name!r}, {value(name, text)})" for name, text in pairs) + "]"

    arguments = [repr(url)]
    if request.query:
        arguments.append(f"params={dictionary(request.query)}")
    if request.body and request.content_type.startswith(FORM):
        arguments.append(f"data={dictionary(request.body.decode('utf-8', 'replace'))}")
    elif request.body:
        arguments += [f"data={request.body!r}", f'headers={{"Content-Type": {request.content_type!r}}}']
    verb = request.method.lower()
    call = f"requests.{verb}" if verb in ("get", "post", "put", "delete") else "requests.request"
    if call == "requests.request":
        arguments.insert(0, repr(request.method))
    return [f"{call}(", *(f"    {argument}," for argument in arguments), "    timeout=30,", ")"]


def _expects(entry: Entry) -> list[str]:
    answer = entry.sent
    try:
        told: Any = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return [f"assert answer.text == {answer.body.decode('utf-8', 'replace')!r}"]
    first, *rest = pformat(told, width=100, sort_dicts=False).splitlines()
    return [f"assert answer.json() == {first}", *(f"       {line}" for line in rest)]
