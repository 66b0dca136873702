"""What is measured over HTTP: apidouble, two baselines on its server and, where asked for, its peers."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.operations import FORM, Call

BIN = Path(sys.executable).parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "apidouble-bench"
JSON = "application/json; charset=utf-8"
INSTALL_TIMEOUT_S = 600
FLASK, WSGI, GRANIAN = "Flask form route", "WSGI callable", "on granian"
FORGETFUL = "apidouble, nothing twice"
BASELINES = {FLASK: "tests.benchmarks.baselines.flask_route", WSGI: "tests.benchmarks.baselines.wsgi_callable"}
ONE = ["--interface", "wsgi", "--workers", "1", "--blocking-threads", "1", "--log-level", "error"]


@dataclass(frozen=True, slots=True)
class Contender:
    """One server: the command that starts it on a port, or the reason why it cannot be started."""

    name: str
    command: Callable[[int], list[str]] = lambda _: []
    version: str = ""
    missing: str = ""


def own(calls: tuple[Call, ...], folder: Path) -> Iterator[Contender]:
    """Yield apidouble and what always runs beside it."""
    answers = _written(folder / "answers.json", {call.request.path: call.answer.decode() for call in calls})
    serve = ["serve", "--log-level", "warning", "--port"]
    yield Contender("apidouble", lambda port: [str(BIN / "apidouble"), *serve, str(port)])
    yield Contender(
        FORGETFUL,
        lambda port: [sys.executable, "-m", "tests.benchmarks.baselines.forgetful", *serve, str(port)],
    )
    where = ["env", f"BASELINE_ANSWERS={answers}"]
    for name, module in BASELINES.items():
        yield Contender(
            name,
            lambda port, module=module: [  # type: ignore[misc]
                *where, sys.executable, "-m", "tests.benchmarks.baselines.serve", module, str(port)
            ],
        )  # fmt: skip
    for name, module in ({"apidouble": "tests.benchmarks.baselines.double"} | BASELINES).items():
        yield Contender(
            f"{name} {GRANIAN}",
            lambda port, module=module: [  # type: ignore[misc]
                *where, str(BIN / "granian"), *ONE, "--port", str(port), f"{module}:app"
            ],
        )  # fmt: skip


def peers(calls: tuple[Call, ...], folder: Path) -> Iterator[Contender]:
    """Install what is not there yet, write each peer's stubs into a folder, and yield them."""
    documents: list[tuple[str, str, Any, Callable[[Path, Path, int], list[str]]]] = [
        ("Prism", "@stoplight/prism-cli", _openapi, lambda home, stub, port: [
            _bin(home, "prism"), "mock", "-v", "error", "-h", "127.0.0.1", "-p", str(port), str(stub)]),
        ("Mockoon", "@mockoon/cli", _openapi, lambda home, stub, port: [
            _bin(home, "mockoon-cli"), "start", "--disable-log-to-file", "--hostname", "127.0.0.1",
            "--port", str(port), "--data", str(stub)]),
        ("mountebank", "mountebank", _imposters, lambda home, stub, port: [
            _bin(home, "mb"), "--nologfile", "--loglevel", "error", "--port", str(port + 1000),
            "--configfile", _with_port(stub, port)]),
        ("Express", "express", _express, lambda home, stub, port: [
            "env", f"NODE_PATH={home / 'node_modules'}", "NODE_ENV=production", "node", str(stub), str(port)]),
        ("WireMock", "wiremock", _mappings, lambda home, stub, port: [
            "java", "-jar", _jar(home), "--disable-banner", "--bind-address", "127.0.0.1", "--port", str(port),
            "--max-request-journal-entries", "10000", "--root-dir", str(stub.parent)]),
        ("MockServer", "mockserver-node", _expectations, lambda home, stub, port: [
            "sh", "-c", 'cd "$0" && exec java "$@"', str(stub.parent),  # it writes to where it runs
            f"-Dmockserver.initializationJsonPath={stub}", "-Dmockserver.logLevel=WARN",
            "-jar", _jar(home), "-serverPort", str(port)]),
    ]  # fmt: skip
    for name, package, write, command in documents:
        home, place = CACHE / package.replace("/", "_"), folder / name
        place.mkdir()
        reason = _install(package, home)
        if reason:
            yield Contender(name, missing=reason)
            continue
        stub = write(calls, place)
        version = json.loads((home / "node_modules" / package / "package.json").read_bytes())["version"]
        yield Contender(
            name, lambda port, c=command, h=home, s=stub: c(h, s, port), version  # type: ignore[misc]
        )  # fmt: skip


def _install(package: str, home: Path) -> str:
    """Install an npm package into its own folder; return why it cannot be, or nothing."""
    needed = ["npm", "node"] + (["java"] if package in ("wiremock", "mockserver-node") else [])
    absent = [tool for tool in needed if not shutil.which(tool)]
    if absent:
        return f"there is no {' and no '.join(absent)} here"
    if not (home / "node_modules" / package).is_dir():
        home.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(home), package]
        try:
            subprocess.run(command, capture_output=True, text=True, check=True, timeout=INSTALL_TIMEOUT_S)
        except subprocess.CalledProcessError as error:
            return f"npm install {package}: {error.stderr.strip().splitlines()[-1]}"
        except subprocess.TimeoutExpired:
            return f"npm install {package} took more than {INSTALL_TIMEOUT_S} s"
    if package in ("wiremock", "mockserver-node") and not list(home.rglob("*.jar")):
        return f"npm install {package} brought no jar"
    return ""


def _bin(home: Path, name: str) -> str:
    return str(home / "node_modules" / ".bin" / name)


def _jar(home: Path) -> str:
    return str(next(home.rglob("*.jar")))


def _openapi(calls: tuple[Call, ...], folder: Path) -> Path:
    paths: dict[str, Any] = {}
    for call in calls:
        pairs = dict(p.split("=") for p in (call.request.query or call.request.body.decode()).split("&"))
        content = {"application/json": {"schema": {"type": "object"}, "example": json.loads(call.answer)}}
        operation: dict[str, Any] = {
            "operationId": call.name, "responses": {"200": {"description": "The answer", "content": content}},
        }  # fmt: skip
        text = {"type": "string"}
        if call.request.method == "GET":
            operation["parameters"] = [{"name": n, "in": "query", "required": True, "schema": text} for n in pairs]
        else:
            schema = {"type": "object", "required": list(pairs), "properties": dict.fromkeys(pairs, text)}
            operation["requestBody"] = {"required": True, "content": {FORM: {"schema": schema}}}
        paths[call.request.path] = {call.request.method.lower(): operation}
    document = {"openapi": "3.0.3", "info": {"title": "Both", "version": "1"}, "paths": paths}
    return _written(folder / "openapi.json", document)


def _imposters(calls: tuple[Call, ...], folder: Path) -> Path:
    stubs = [
        {
            "predicates": [{"equals": {"method": call.request.method, "path": call.request.path}}],
            "responses": [{"is": {"headers": {"Content-Type": JSON}, "body": call.answer.decode()}}],
        }
        for call in calls
    ]
    return _written(folder / "imposters.json", {"imposters": [{"port": 0, "protocol": "http", "stubs": stubs}]})


def _with_port(stub: Path, port: int) -> str:
    document = json.loads(stub.read_bytes())
    document["imposters"][0]["port"] = port
    return str(_written(stub.with_name(f"{port}.json"), document))


def _express(calls: tuple[Call, ...], folder: Path) -> Path:
    routes = [
        f"app.{call.request.method.lower()}({json.dumps(call.request.path)}, (request, response) => "
        f"response.type('json').send({json.dumps(call.answer.decode())}));"
        for call in calls
    ]
    head = ["const express = require('express'), app = express();", "app.use(express.urlencoded({extended: true}));"]
    script = folder / "server.js"
    script.write_text("\n".join([*head, *routes, "app.listen(+process.argv[2], '127.0.0.1');"]))
    return script


def _mappings(calls: tuple[Call, ...], folder: Path) -> Path:
    (folder / "mappings").mkdir()
    mappings = [
        {
            "request": {"method": call.request.method, "urlPath": call.request.path},
            "response": {"status": 200, "headers": {"Content-Type": JSON}, "body": call.answer.decode()},
        }
        for call in calls
    ]
    _written(folder / "mappings" / "calls.json", {"mappings": mappings})
    return folder / "mappings"


def _expectations(calls: tuple[Call, ...], folder: Path) -> Path:
    expectations = [
        {
            "httpRequest": {"method": call.request.method, "path": call.request.path},
            "httpResponse": {"headers": {"Content-Type": [JSON]}, "body": call.answer.decode()},
        }
        for call in calls
    ]
    return _written(folder / "expectations.json", expectations)


def _written(path: Path, document: Any) -> Path:
    path.write_text(json.dumps(document, ensure_ascii=False))
    return path
