"""The command line: its help, what it refuses, and a real server from its first line to its last."""

import contextlib
import json
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from apidouble.mockserver.commands.main import main
from apidouble.specs import ROOT

APIDOUBLE = [str(Path(sys.executable).with_name("apidouble"))]
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@contextmanager
def served(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Serve on a free port until the block ends; yield the process and the URL it prints."""
    command = [*APIDOUBLE, "serve", "--port", "0", "--print-url", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.terminate()


def refused(port: int) -> tuple[int, str]:
    """Try to serve on a port and return the exit code and what was said."""
    command = [*APIDOUBLE, "serve", "--port", str(port)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    return ended.returncode, ended.stdout + ended.stderr


def read(url: str, data: bytes | None = None) -> bytes:
    with OPENER.open(url, data, timeout=30) as reply:
        answer: bytes = reply.read()
    return answer


@pytest.mark.parametrize("arguments", [[], ["serve"], ["check"], ["coverage"], ["capsule"], ["capsule", "replay"]])
def test_help_says_what_there_is(arguments: list[str]) -> None:
    """Every command explains itself and each of its options."""
    result = run(*arguments, "--help")

    assert result.exit_code == 0
    assert "Usage:" in result.output
    assert all(line.strip() != "" for line in result.output.split("\n\n"))


def test_help_imports_nothing_heavy() -> None:
    """Help does not wait for Flask, the server or the specs."""
    code = (
        "import sys; from apidouble.mockserver.commands.main import main;"
        "main(['serve', '--help'], standalone_mode=False);"
        "sys.exit(bool({'flask', 'asyncio', 'yaml', 'marshmallow', 'jsonschema'} & set(sys.modules)))"
    )

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, timeout=60).returncode == 0


def test_check_passes_on_the_shipped_specs() -> None:
    """All is well, and the command says so."""
    result = run("check")

    assert (result.exit_code, result.output) == (0, "The specs hold together.\n")


def test_check_names_file_and_line_of_what_is_wrong(tmp_path: Path) -> None:
    """Of a folder of one's own, each problem stands on a line, and the exit code is 1."""
    root = tmp_path / "specs"
    shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns("__pycache__"))
    errors = root / "qcomment" / "errors.yaml"
    errors.write_text(errors.read_text("utf-8").replace("- code: 302\n", "- cod: 302\n"), "utf-8")
    line = errors.read_text("utf-8").partition("- cod: 302")[0].count("\n") + 1

    result = run("check", str(root))

    assert result.exit_code == 1
    assert result.output.startswith(f"{errors}:{line}: ")
    assert "the key cod is unknown; did you mean code?" in result.output


def test_version_is_the_packages() -> None:
    """The version is printed as installed."""
    assert run("--version").output == f"apidouble {version('apidouble')}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--host", "192.0.2.1"], "--token"),
        (["--host", "::"], "--token"),
        (["--host", "example.test"], "--token"),
        (["--world", "nowhere"], "documented"),
        (["--reading", "qq.message_key"], "NAME=VALUE"),
        (["--reading", "qq.message_key=telegram"], "messages"),
        (["--reading", "qq.nothing=1"], "qq.message_key"),
        (["--rate", "0"], "--rate"),
        (["--step", "0s"], "--step"),
        (["--step", "often"], "1h"),
        (["--port", "65536"], "--port"),
    ],
)
def test_serve_refuses_what_it_cannot_do(monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str) -> None:
    """A wrong option ends with a message that names what would be right, and without a traceback."""
    monkeypatch.delenv("APIDOUBLE_TOKEN", raising=False)

    result = run("serve", *arguments)

    assert result.exit_code in (1, 2)
    assert isinstance(result.exception, SystemExit)
    assert said in result.output


def test_taken_port_is_said_in_one_line() -> None:
    """Somebody else's port is not shared."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        code, said = refused(port)

    assert (code, said.count("\n")) == (1, 1)
    assert f"port {port}: address already in use" in said


def test_second_server_does_not_share_the_first_ones_port() -> None:
    """Two servers on one port would each get half of the calls."""
    with served() as (_, url):
        code, said = refused(int(url.rpartition(":")[2]))

    assert (code, "address already in use" in said) == (1, True)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_server_serves_and_ends_on_a_signal(ending: signal.Signals) -> None:
    """The URL works as soon as it is printed; the log has a line a call; a signal, even twice, ends it with 0."""
    with served("--reading", "qqtube.message_key=messages") as (process, url):
        balance = read(f"{url}/api/balance", b"apicode=5d41402abc4b2a76b9719d911017c592")
        refused = json.loads(read(f"{url}/v1-api?action=funds"))
        process.send_signal(ending)
        process.send_signal(ending)
        output, log = process.communicate(timeout=60)

    assert balance == b'{"balance":122.5}'
    assert "messages" in refused
    assert (process.returncode, output) == (0, "")
    lines = log.splitlines()
    assert lines[0] == f"apidouble listens on {url}"
    calls = [line.split("  ") for line in lines if line.startswith(("qcomment  balance", "qqtube    funds"))]
    assert [call[-2] for call in calls] == ["ok", calls[1][-2]]
    assert "[" not in "".join(line[:1] for line in lines)
    with socket.create_server(("127.0.0.1", int(url.rpartition(":")[2]))):
        pass


def test_greeting_holds_calls_that_work() -> None:
    """Each curl line of the greeting is a call that succeeds, run as it stands."""
    with served() as (process, url):
        assert process.stderr is not None
        greeting: list[str] = []
        while not (greeting and "/_apidouble/clock" in greeting[-1]):
            greeting.append(process.stderr.readline())
        samples = [line.strip() for line in greeting if line.strip().startswith("curl")]
        answers = [curl(line) for line in samples]

    assert len(samples) == 3
    assert answers[0] == b'{"balance":122.5}'
    assert answers[1] == b'{"funds":"508.60"}'
    assert url in samples[0] and b'"now"' in answers[2]


def curl(line: str) -> bytes:
    """Make the call of a curl line: -d fields and a URL."""
    words = [word.strip("'") for word in line.split()[1:]]
    form = [words[i + 1] for i, word in enumerate(words) if word == "-d"]
    url = next(word for word in words if word.startswith("http"))
    return read(url, "&".join(form).encode() if form else None)


def test_server_does_not_outlive_its_parent() -> None:
    """A parent that is killed leaves no worker behind to hold the port."""
    with (
        served() as (process, url),
        socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), 30) as open_one,
    ):
        process.kill()

        with contextlib.suppress(ConnectionResetError):
            assert open_one.recv(1) == b""


def test_server_listens_on_a_name() -> None:
    """The name is resolved, and the URL that is printed works."""
    with served("--host", "localhost") as (_, url):
        assert json.loads(read(f"{url}/_apidouble/health"))["status"] == "ok"


def test_stalled_client_does_not_stop_the_others() -> None:
    """While one client has not sent its body, another is answered."""
    with served() as (_, url):
        port = int(url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), 30) as stalled:
            stalled.sendall(b"POST /api/balance HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\napicode=")

            answers = [read(f"{url}/_apidouble/health") for _ in range(20)]

    assert all(answers)
