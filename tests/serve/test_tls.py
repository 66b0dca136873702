"""A server that speaks https by the vendors' own names, called by clients whose addresses are hard-coded."""

import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner
from urllib3.util import connection

from apidouble.mockserver.commands.main import main

APIDOUBLE = str(Path(sys.executable).with_name("apidouble"))
KEYS = {
    "https://qcomment.ru/api/balance": {"apicode": "5d41402abc4b2a76b9719d911017c592"},
    "https://qcomment.com/api/balance": {"apicode": "5d41402abc4b2a76b9719d911017c592"},
    "https://www.qqtube.com/v1-api": {"api_key": "172a1c261d1d84916d9e7321153d0416acab98fc", "action": "funds"},
}


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path, list[str]]]:
    """Serve by https on a free port; yield the URL, the authority's certificate, and the greeting's lines."""
    folder = tmp_path_factory.mktemp("authority")
    command = [APIDOUBLE, "serve", "--port", "0", "--print-url", "--tls", "--tls-dir", str(folder)]
    with subprocess.Popen(
        [*command, "--tls-name", "sandbox.test"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        try:
            url = process.stdout.readline().strip()
            greeting = [process.stderr.readline()]
            while greeting[-1] and "/_apidouble/clock" not in greeting[-1]:
                greeting.append(process.stderr.readline())
            yield url, folder / "ca.pem", greeting
        finally:
            process.terminate()


@pytest.fixture
def hosts(tls: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every host name lead to the server, as a hosts entry and port 443 would."""
    port = int(tls[0].rpartition(":")[2])
    real = socket.create_connection

    def connect(*_: object, **__: object) -> socket.socket:
        return real(("127.0.0.1", port), 30)

    monkeypatch.setattr(connection, "create_connection", connect)
    monkeypatch.setenv("no_proxy", "*")


@pytest.mark.usefixtures("hosts")
@pytest.mark.parametrize("address", KEYS)
def test_hard_coded_address_reaches_the_double(tls: Any, address: str) -> None:
    """A client that trusts the authority and knows nothing of the double is answered at the live service's address."""
    reply = requests.post(address, KEYS[address], verify=str(tls[1]), timeout=30)

    assert reply.json() in ({"balance": 122.5}, {"funds": "508.60"})


@pytest.mark.usefixtures("hosts")
@pytest.mark.parametrize("address", ["https://qcomment.ru", "https://example.test"])
def test_nobody_else_is_deceived(tls: Any, address: str) -> None:
    """Who does not trust the authority does not accept the vendor's name, nor who does another's."""
    trusted = str(tls[1]) if address == "https://example.test" else True

    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"{address}/_apidouble/health", verify=trusted, timeout=30)


@pytest.mark.usefixtures("hosts")
@pytest.mark.parametrize("host", ["sandbox.test", "localhost", "127.0.0.1", "[::1]"])
def test_authority_is_served_to_be_trusted(tls: Any, host: str) -> None:
    """The certificate that a client needs is at every name of the server."""
    reply = requests.get(f"https://{host}/_apidouble/ca.pem", verify=str(tls[1]), timeout=30)

    assert (reply.status_code, reply.content) == (200, tls[1].read_bytes())
    assert reply.headers["Content-Type"] == "application/pem-certificate-chain"


def test_greeting_says_what_to_trust_and_lines_of_curl_that_do(tls: Any) -> None:
    """The URL, the certificate's path, and samples that work as they stand."""
    url, authority, greeting = tls

    assert url.startswith("https://127.0.0.1:")
    assert greeting[0].split()[-1] == url
    assert f"{authority}" in greeting[1] and f"{url}/_apidouble/ca.pem" in greeting[1]
    assert [line.split()[:3] for line in greeting if "curl" in line] == [["curl", "--cacert", str(authority)]] * 3


def test_old_client_may_speak_tls_1_2(tls: Any) -> None:
    """TLS 1.2 is the newest that many a PHP can, and is taken."""
    context = ssl.create_default_context(cafile=tls[1])
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    port = int(tls[0].rpartition(":")[2])

    with (
        socket.create_connection(("127.0.0.1", port), 30) as plain,
        context.wrap_socket(plain, server_hostname="qcomment.ru") as secure,
    ):
        assert secure.version() == "TLSv1.2"


def test_over_http_there_is_nothing_to_trust(control: Any) -> None:
    """The address of the certificate says how to get one."""
    status, answer = control("GET", "/ca.pem")

    assert (status, answer["hint"]) == (404, "Start it with apidouble serve --tls.")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--tls-name", "sandbox.test"], "--tls"),
        (["--tls", "--tls-name", "sand..box"], "sand..box"),
        (["--tls", "--host", "192.0.2.1"], "--token"),
    ],
)
def test_serve_refuses_what_it_cannot_do(tmp_path: Path, arguments: list[str], said: str) -> None:
    """A wrong option of --tls ends with a message, and without a traceback."""
    result = CliRunner().invoke(
        main, ["serve", "--port", "0", "--tls-dir", str(tmp_path), *arguments], env={"APIDOUBLE_TOKEN": None}
    )

    assert result.exit_code in (1, 2)
    assert isinstance(result.exception, SystemExit)
    assert said in result.output


def test_missing_extra_is_said_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without trustme the message tells what to install."""
    monkeypatch.setitem(sys.modules, "trustme", None)
    monkeypatch.delitem(sys.modules, "apidouble.mockserver.serve.authority", raising=False)

    result = CliRunner().invoke(main, ["serve", "--port", "0", "--tls", "--tls-dir", str(tmp_path)])

    assert (result.exit_code, result.output) == (
        1,
        "Error: --tls needs the package trustme: pip install 'apidouble[tls]'\n",
    )


def test_port_without_the_right_to_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may not listen on 443 is told so, and what else there is."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("apidouble.mockserver.serve.server.socket.getaddrinfo", refuse)

    result = CliRunner().invoke(main, ["serve", "--port", "443"])

    assert result.exit_code == 1
    assert "port 443: permission denied; ports below 1024" in result.output
