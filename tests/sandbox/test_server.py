"""The command serves over real sockets, and what it answered is there after kill -9, with one process or several."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import urllib3

from tests.ways import APIDOUBLE, TIMEOUT_S

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
BALANCE, PRICE = 122.5, 6


@contextmanager
def running(*arguments: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run a command that serves on a free port; yield its address and its process, whose group is its own."""
    command = (*APIDOUBLE, *arguments, "--port", "0", "--print-url", "--log-level", "error")
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"APIDOUBLE_OPERATOR_TOKEN": "op"},
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip(), process
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(TIMEOUT_S)


def made(url: str) -> Any:
    body = json.dumps({"name": "Acme"})
    reply = urllib3.request("POST", f"{url}/_apidouble/tenants", body=body, headers={"Authorization": "Bearer op"})
    assert reply.status == 201, reply.data
    return reply.json()["keys"]["qcomment"]


def bought(url: str, key: str) -> bool:
    body = f"apicode={key}&title=x&subjects=2&tarif_id=2&task=yyyyyyyyyyyy&pay=1"
    return "project_id" in urllib3.request("POST", f"{url}/api/newproject", body=body, headers=FORM).json()


def balance(url: str, key: str) -> float:
    answer = urllib3.request("POST", f"{url}/api/balance", body=f"apicode={key}", headers=FORM).json()
    return float(answer["balance"])


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_what_was_answered_survives_a_kill(tmp_path: Path) -> None:
    """Sixteen at once, then kill -9 in the midst of more: each answered purchase is paid for once."""
    store = f"sqlite:///{tmp_path}/store.sqlite"
    with running("sandbox", "--store", store) as (url, process):
        key = made(url)
        with ThreadPoolExecutor(16) as pool:
            assert all(pool.map(lambda _: bought(url, key), range(10)))
            assert balance(url, key) == BALANCE - 10 * PRICE
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(TIMEOUT_S)

    with running("sandbox", "--store", store) as (url, _):
        assert balance(url, key) == BALANCE - 10 * PRICE


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_several_processes_share_a_port(postgresql_url: str) -> None:
    """Any of them serves any tenant, and all of them end with the first."""
    with running("sandbox", "--store", postgresql_url, "--workers", "3") as (url, process):
        keys = [made(url) for _ in range(2)]
        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(lambda n: bought(url, keys[n % 2]), range(20)))
        for key in keys:
            assert {balance(url, key) for _ in range(6)} == {BALANCE - 10 * PRICE}
        process.terminate()
        assert process.wait(TIMEOUT_S) == 0


def test_serve_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """Over a file, with the keys of its world; over one that began otherwise it does not start."""
    file, own = str(tmp_path / "world.sqlite"), "5d41402abc4b2a76b9719d911017c592"
    with running("serve", "--store", file) as (url, _):
        assert bought(url, own)
    with running("serve", "--store", file) as (url, _):
        assert balance(url, own) == BALANCE - PRICE
    with running("serve", "--store", file, "--scenario", "instant") as (url, process):
        assert url == "" and process.wait(TIMEOUT_S) == 2


def test_several_processes_need_a_store_that_they_can_share(tmp_path: Path) -> None:
    arguments = ("sandbox", "--workers", "2", "--store", f"sqlite:///{tmp_path}/x.sqlite", "--port", "0")
    ran = subprocess.run((*APIDOUBLE, *arguments), capture_output=True, text=True, check=False)
    assert ran.returncode == 2 and "postgresql://" in ran.stderr


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nothing", "is no address of a store"),
        ("mysql://x", "mysql is no store"),
        ("sqlite:file", "names no file"),
        ("postgresql://nobody@127.0.0.1:1/x", "cannot be opened"),
    ],
)
def test_a_store_that_cannot_be_opened_is_told(url: str, said: str) -> None:
    ran = subprocess.run(
        (*APIDOUBLE, "sandbox", "--port", "0", "--store", url), capture_output=True, text=True, check=False
    )
    assert ran.returncode == 2 and said in ran.stderr and "Traceback" not in ran.stderr
