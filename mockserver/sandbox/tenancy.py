"""What may be done with tenants, in a turn of a store: create, fork, look up, change, rotate, delete."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import orjson

from apidouble.mockserver.domain.instants import read_instant, write_instant
from apidouble.mockserver.sandbox.keys import digest, new_credentials, new_id
from apidouble.mockserver.sandbox.living import DivergedError, Living
from apidouble.mockserver.sandbox.stores.store import Turn
from apidouble.mockserver.sandbox.tenant import ANCHOR, TOKEN, Beginning, Entry, Limits, Tenant
from apidouble.mockserver.spec.source import SpecError
from apidouble.mockserver.stage import scenarios, worlds
from apidouble.mockserver.stage.capsule import Capsule, CapsuleError
from apidouble.mockserver.stage.control.problems import ConflictError, InvalidError, NotFoundError
from apidouble.mockserver.stage.recording import record
from apidouble.mockserver.stage.simulator import Simulator

Plain = dict[str, Any]


class Tenancy:
    """The operator's view of tenants. Every method takes a turn and is one transaction's work.

    `defaults` are the limits of tenants for whom none are named.
    """

    def __init__(self, secret: bytes, defaults: Limits | None = None) -> None:
        self._secret, self.defaults = secret, defaults or Limits()

    def digest(self, kind: str, credential: str) -> bytes:
        """Return what a credential is looked up by."""
        return digest(self._secret, kind, credential)

    def create(
        self,
        turn: Turn,
        name: str,
        scenario: str | None = None,
        world: str | None = None,
        readings: Mapping[str, str] | None = None,
        expires: str | None = None,
        limits: Mapping[str, int | None] | None = None,
        at: int | None = None,
        capsule: Mapping[str, Any] | None = None,
        **source: str,
    ) -> Plain:
        """Make a tenant; its credentials are told here and never again."""
        ways = {
            "from": "from" in source,
            "capsule": capsule is not None,
            "scenario, world or readings": any(part is not None for part in (scenario, world, readings)),
        }
        if sum(ways.values()) > 1:
            named = " and ".join(way for way, is_taken in ways.items() if is_taken)
            raise InvalidError(f"A world has one beginning, and {named} are named.", "Name one of them.")
        if at is not None and not ways["from"]:
            raise InvalidError("at: there is no tenant to fork.", "Name it by from.")
        tenant = Tenant(new_id(), name, turn.now_us, _expiry(expires, turn.now_us), limits=self._limits(limits or {}))
        if ways["from"]:
            credentials = self._fork(turn, tenant, source["from"], at)
        elif capsule is not None:
            credentials = self._retell(turn, tenant, capsule)
        else:
            return self.begin(turn, tenant, _opened(scenario, world, readings))
        return self._told(turn, tenant.id, credentials)

    def begin(self, turn: Turn, tenant: Tenant, begun: Simulator) -> Plain:
        """Keep a tenant whose world begins as a simulator that nobody has called; its credentials are told."""
        credentials = self._add(turn, tenant, beginning(begun, turn.now_us), begun)
        return self._told(turn, tenant.id, credentials)

    def tenants(self, turn: Turn) -> Plain:
        """Return all tenants."""
        return {"tenants": [_plain(tenant) for tenant in turn.tenants()]}

    def tenant(self, turn: Turn, tenant: str) -> Plain:
        """Return one tenant."""
        return _plain(_locked(turn, tenant))

    def change(
        self,
        turn: Turn,
        tenant: str,
        version: str,
        name: str | None = None,
        frozen: bool | None = None,  # noqa: FBT001 (the spec's parameter)
        limits: Mapping[str, int | None] | None = None,
        accept_differences: bool | None = None,  # noqa: FBT001 (the spec's parameter)
        **expiry: str | None,
    ) -> Plain:
        """Change what is named; `version` is that of this apidouble."""
        found = _locked(turn, tenant)
        changes: Plain = {"name": name, "is_frozen": frozen}
        if limits is not None:
            changes["limits"] = self._limits({**found.limits.plain(), **limits})
        if accept_differences is not None:
            changes["accepts"] = version if accept_differences else ""
        changes = {key: value for key, value in changes.items() if value is not None}
        if "expires" in expiry:
            changes["expires_us"] = _expiry(expiry["expires"], None)
        if changes:
            turn.change(tenant, **changes)
        return _plain(replace(found, **changes))

    def rotate(self, turn: Turn, tenant: str, kinds: Collection[str] | None = None) -> Plain:
        """Draw new credentials, all or those of some kinds; the old ones are nobody's."""
        _locked(turn, tenant)
        begun = Living(turn.beginning(tenant)).simulator
        drawn = new_credentials(_own_keys(begun))
        credentials = {kind: value for kind, value in drawn.items() if kinds is None or kind in kinds}
        turn.rotate(tenant, self._digests(credentials))
        return self._told(turn, tenant, credentials)

    def delete(self, turn: Turn, tenant: str) -> Plain:
        """Forget a tenant."""
        found = _locked(turn, tenant)
        turn.delete(tenant)
        return _plain(found)

    def _fork(self, turn: Turn, tenant: Tenant, source: str, at: int | None) -> Mapping[str, str]:
        """Make a tenant of what another one was."""
        origin = _locked(turn, source)
        at = origin.head if at is None else at
        if at > origin.head:
            raise ConflictError(f"at: the tenant's last entry is {origin.head}.", "Name one that there is.")
        if at < origin.first - 1:
            raise ConflictError(f"at: entries before {origin.first} are forgotten.", "Name one that is kept.")
        begun = turn.beginning(source)
        credentials = self._add(turn, tenant, begun, Living(begun).simulator)
        turn.copy(source, tenant.id, at)
        last = next(iter(turn.entries(tenant.id, at - 1, at)), None)
        turn.append(tenant.id, [Entry(at + 1, turn.now_us, last.at_ms if last else 0, ANCHOR)])
        return credentials

    def _retell(self, turn: Turn, tenant: Tenant, document: Mapping[str, Any]) -> Mapping[str, str]:
        """Make a tenant of a capsule's story, which has to go as it did."""
        try:
            story = Capsule(document)
            begun = _beginning(story.document, turn.now_us)
            living = Living(begun)
        except CapsuleError as error:
            raise InvalidError(f"{error}.", "Send what GET /_apidouble/capsule answered.") from error
        entries = [
            Entry(number, turn.now_us, call.at_ms, call.operation, call.request, call.response, call.kept)
            for number, call in enumerate(story.calls, 1)
        ]
        try:
            for entry in entries:
                living.replay(entry)
        except DivergedError as error:
            raise ConflictError(
                f"The capsule's story goes another way here. {error}", "Replay it where it goes."
            ) from error
        credentials = self._add(turn, tenant, begun, living.simulator)
        if entries:
            turn.append(tenant.id, entries)
        return credentials

    def _add(self, turn: Turn, tenant: Tenant, begun: Beginning, simulator: Simulator) -> Mapping[str, str]:
        credentials = new_credentials(_own_keys(simulator))
        turn.add(tenant, begun, self._digests(credentials))
        return credentials

    def _digests(self, credentials: Mapping[str, str]) -> dict[str, bytes]:
        return {kind: self.digest(kind, value) for kind, value in credentials.items()}

    def _told(self, turn: Turn, tenant: str, credentials: Mapping[str, str]) -> Plain:
        keys = {kind: value for kind, value in credentials.items() if kind != TOKEN}
        token = {TOKEN: credentials[TOKEN]} if TOKEN in credentials else {}
        return {**_plain(_locked(turn, tenant)), "keys": keys, **token}

    def _limits(self, plain: Mapping[str, int | None]) -> Limits:
        return Limits.read({**self.defaults.plain(), **plain})


def _locked(turn: Turn, tenant: str) -> Tenant:
    found = turn.lock((tenant,)).get(tenant)
    if found is None:
        raise NotFoundError(f"There is no tenant {tenant}.", "GET /_apidouble/tenants lists them.")
    return found


def _opened(scenario: str | None, world: str | None, readings: Mapping[str, str] | None) -> Simulator:
    """Open a world of the specs; a client names no file."""
    for what, name, known in (("scenario", scenario, scenarios.names()), ("world", world, worlds.names())):
        if name is not None and name not in known:
            raise InvalidError(f"{what}: there is no {what} {name!r}.", f"There are: {', '.join(known)}.")
    try:
        return Simulator.open(world, readings, scenario=scenario or "documented")
    except (SpecError, ValueError) as error:
        raise InvalidError(f"readings: {error}.", "GET /_apidouble/readings lists them.") from error


def beginning(begun: Simulator, wall_us: int) -> Beginning:
    """Return how the world of a simulator that nobody has called has begun."""
    return _beginning(record(begun.stage), wall_us)


def _beginning(document: Mapping[str, Any], wall_us: int) -> Beginning:
    return Beginning(wall_us, orjson.dumps({**document, "calls": []}).decode())


def _own_keys(begun: Simulator) -> dict[str, str]:
    return {vendor: account.key for vendor, account in begun.world.accounts.items()}


def _expiry(written: str | None, now_us: int | None) -> int | None:
    if written is None:
        return None
    try:
        expires_us = read_instant(written) * 1000
    except (ValueError, OverflowError) as error:
        raise InvalidError(f"expires: {error}.", "Write an instant with an offset: 2026-12-31T00:00:00Z.") from error
    if now_us is not None and expires_us <= now_us:
        raise InvalidError("expires: that is in the past.", "Name an instant to come.")
    return expires_us


def _plain(tenant: Tenant) -> Plain:
    return {
        "id": tenant.id,
        "name": tenant.name,
        "created": write_instant(tenant.created_us // 1000),
        "expires": None if tenant.expires_us is None else write_instant(tenant.expires_us // 1000),
        "frozen": tenant.is_frozen,
        "entries": tenant.head,
        "limits": tenant.limits.plain(),
    }
