"""Kill a sandbox again and again while partners call it, and see that every answered call is kept.

    python -m tests.sandbox.crash --rounds 300 --store sqlite
    python -m tests.sandbox.crash --rounds 300 --store postgresql://postgres@127.0.0.1:5432/test

Each round starts a server over one store, makes two tenants, calls them from four threads with calls unlike each other,
and kills the server at a moment of its own. After a restart, for the tenants of this round and of the one before: every
answered call is in the tenant's capsule once and with the same answer, calls stand in the order of their time, money is
conserved, and the capsule replays byte for byte. Ends with 1 where that does not hold, and names the seed.
"""

import argparse
import json
import os
import random  # noqa: TID251 (which moment to kill at)
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple
from urllib.parse import quote, urlencode

import urllib3
from sqlalchemy import create_engine, make_url, text

from apidouble.mockserver.stage.capsule import Capsule

COMMAND = (sys.executable, "-c", "from apidouble.mockserver.commands.main import main; main()", "sandbox")
CLIENTS, TIMEOUT_S = 4, 30
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
OPERATOR = {"Authorization": "Bearer op", "Content-Type": "application/json"}


class Tenant(NamedTuple):
    """A tenant's credentials, and what it was answered: a mark that its request alone has, and the body."""

    keys: dict[str, str]
    token: str
    answered: dict[str, str]


class BrokenError(Exception):
    """Something that was answered is not as it was."""


@contextmanager
def store(wanted: str) -> Iterator[str]:
    """Yield the address of an empty store: a file, or a schema of its own that is dropped at the end."""
    if wanted == "sqlite":
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            yield f"sqlite:///{folder}/store.sqlite"
        return
    engine = create_engine(make_url(wanted).set(drivername="postgresql+psycopg"))
    schema = f"crash_{os.getpid()}"
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    try:
        yield f"{wanted}?options={quote(f'-csearch_path={schema}')}"
    finally:
        with engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
        engine.dispose()


@contextmanager
def server(url: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run a sandbox over a store; yield its address and its process."""
    command = (*COMMAND, "--store", url, "--port", "0", "--print-url", "--log-level", "error")
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True,
        env=os.environ | {"APIDOUBLE_OPERATOR_TOKEN": "op"},
    ) as process:  # fmt: skip
        assert process.stdout is not None
        try:
            address = process.stdout.readline().strip()
            if not address:
                raise BrokenError("the server does not start")
            yield address, process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(TIMEOUT_S)


def tenant(address: str, name: str) -> Tenant:
    """Make a tenant."""
    body = json.dumps({"name": name})
    made = urllib3.request("POST", f"{address}/_apidouble/tenants", body=body, headers=OPERATOR).json()
    return Tenant(made["keys"], made["token"], {})


def call(pool: urllib3.PoolManager, address: str, who: Tenant, mark: str, kind: int) -> str:
    """Make a call that is unlike all others by its mark, and return the body of its answer."""
    if kind == 0:
        fields = {"apicode": who.keys["qcomment"], "title": mark, "subjects": 2, "tarif_id": 2, "task": mark, "pay": 1}
        return pool.request("POST", f"{address}/api/newproject", body=urlencode(fields), headers=FORM).data.decode()
    if kind == 1:
        fields = {"apicode": who.keys["qcomment"], "project_id": 2, "pay": 1, "note": mark}
        return pool.request("POST", f"{address}/api/payproject", body=urlencode(fields), headers=FORM).data.decode()
    if kind == 2:
        fields = {"api_key": who.keys["qqtube"], "action": "add", "id_service": 3, "quantity": 1000,
                  "url": f"https://www.youtube.com/watch?v={mark[:11]}", "note": mark}  # fmt: skip
        return pool.request("POST", f"{address}/v1-api", body=urlencode(fields), headers=FORM).data.decode()
    query = urlencode({"api_key": who.keys["qqtube"], "action": "funds", "note": mark})
    return pool.request("GET", f"{address}/v1-api?{query}").data.decode()


def beset(address: str, tenants: list[Tenant], seed: int, stop: threading.Event, number: int) -> None:
    """Call until the server is gone, and write down what is answered."""
    pool = urllib3.PoolManager(retries=False, timeout=TIMEOUT_S)
    chance = random.Random(f"{seed} {number}")  # noqa: S311 (which call comes next)
    with suppress(urllib3.exceptions.HTTPError, OSError):
        for each in range(100_000):
            if stop.is_set():
                return
            mark, who = f"{seed:04x}{number}{each:05x}x", chance.choice(tenants)
            who.answered[mark] = call(pool, address, who, mark, chance.randrange(4))


def inspect(address: str, who: Tenant) -> int:
    """Hold what a tenant was answered against its capsule; return how many calls that has."""
    bearer = {"Authorization": f"Bearer {who.token}"}
    reply = urllib3.request("GET", f"{address}/_apidouble/capsule", headers=bearer, timeout=TIMEOUT_S)
    if reply.status != 200:
        raise BrokenError(f"no capsule: {reply.status} {reply.data[:200]!r}")
    story = Capsule.parse(reply.data)
    written = [(json.dumps(kept["request"]), kept["answer"].get("body", "")) for kept in story.document["calls"]]
    for mark, answer in who.answered.items():
        found = [body for request, body in written if mark in request]
        if found != [answer]:
            raise BrokenError(f"{mark} was answered {answer!r}; kept are {found}")
    times = [kept["at"] for kept in story.document["calls"]]
    if times != sorted(times):
        raise BrokenError("calls do not stand in the order of their time")
    simulator = story.open()
    if difference := story.replay(simulator).first_difference:
        raise BrokenError(f"the capsule replays otherwise: {difference}")
    for name, account in simulator.world.accounts.items():
        if wrong := list(account.ledger.imbalances()):
            raise BrokenError(f"{name}: {wrong}")
    told = urllib3.request("GET", f"{address}/_apidouble/state", headers=bearer, timeout=TIMEOUT_S).json()
    for name, account in simulator.world.accounts.items():
        if told["vendors"][name]["ledger"]["purses"] != account.ledger.purses:
            raise BrokenError(f"{name}: the server's money is not that of its own calls")
    return len(written)


def crash(url: str, rounds: int, seed: int) -> tuple[int, int]:
    """Kill so many times; return how many calls were answered and how many kept."""
    before: list[Tenant] = []
    answered = kept = 0
    chance = random.Random(seed)  # noqa: S311 (which moment to kill at)
    for number in range(rounds):
        with server(url) as (address, process):
            tenants = [tenant(address, f"{number}-{each}") for each in range(2)]
            stop = threading.Event()
            clients = [
                threading.Thread(target=beset, args=(address, tenants, seed + number, stop, each))
                for each in range(CLIENTS)
            ]
            for client in clients:
                client.start()
            time.sleep(chance.uniform(0.02, 0.8))
            os.killpg(process.pid, signal.SIGKILL)
            stop.set()
            for client in clients:
                client.join()
        with server(url) as (address, _):
            for who in (*before, *tenants):
                kept += inspect(address, who)
        answered += sum(len(who.answered) for who in tenants)
        before = tenants
    return answered, kept


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--store", default="sqlite", help="sqlite, or the address of a PostgreSQL database")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with store(given.store) as url:
        started = time.monotonic()
        try:
            answered, kept = crash(url, given.rounds, given.seed)
            if not answered:
                raise BrokenError("nothing was answered at all")
        except BrokenError as error:
            sys.exit(f"seed {given.seed}: {error}")
    took_s = time.monotonic() - started
    sys.stdout.write(
        f"{given.rounds} kills, {answered:,} calls answered, each kept once; {kept:,} replayed; {took_s:.0f} s\n"
    )


if __name__ == "__main__":
    main()
