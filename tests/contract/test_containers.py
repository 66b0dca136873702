"""The Dockerfile, the compose file and the GitHub workflow say what is so: their commands are run, without Docker."""

import json
import os
import re
import signal
import subprocess
import sys
import tomllib
import urllib.request
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from apidouble.mockserver.commands.main import main
from apidouble.mockserver.commands.serve import serve

ROOT = Path(__file__).resolve().parents[2]
WORKFLOW = ROOT / "fixtures" / "examples" / "github-actions" / "workflow.yml"
BIN = Path(sys.executable).parent
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def instructions(name: str) -> list[str]:
    lines = (ROOT / "Dockerfile").read_text("utf-8").splitlines()
    return [line.removeprefix(name).strip() for line in lines if line.startswith(f"{name} ")]


def jobs() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(WORKFLOW.read_text("utf-8"))["jobs"]
    return found


@pytest.fixture
def compose() -> Any:
    """The one service of the compose file."""
    return yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]["apidouble"]


def parsed(command: list[str]) -> dict[str, Any]:
    """Return the options of a command line of `apidouble serve`, as click reads them."""
    assert command[:2] == ["apidouble", "serve"]
    context = serve.make_context("serve", command[2:], parent=click.Context(main))
    return dict(context.params)


def test_image_serves_beyond_loopback_on_the_port_it_exposes_and_only_with_a_token(compose: Any) -> None:
    """The image's command is one that `apidouble serve` takes; the token comes from outside, and compose gives one."""
    command = json.loads(instructions("CMD")[0])
    options = parsed(command)

    ran = subprocess.run(
        [BIN / command[0], *command[1:]],
        env={n: v for n, v in os.environ.items() if n != "APIDOUBLE_TOKEN"},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )

    assert (options["host"], [str(options["port"])]) == ("0.0.0.0", instructions("EXPOSE"))  # noqa: S104 (in a container)
    assert ran.returncode == 2 and "APIDOUBLE_TOKEN" in ran.stderr
    assert re.fullmatch(r"\$\{APIDOUBLE_TOKEN:-\w+\}", compose["environment"]["APIDOUBLE_TOKEN"])


def test_image_is_of_a_python_that_the_package_allows_and_of_no_root() -> None:
    """Both stages have the same Python, one of those the package is tested with, and the process is not root's."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    stages = {stage.split()[0] for stage in instructions("FROM")}
    version = re.fullmatch(r"python:(3\.\d+)-slim", stages.pop())

    assert not stages and version is not None
    assert f"Programming Language :: Python :: {version[1]}" in project["classifiers"]
    extras = re.search(r'"/source\[(.*)\]"', instructions("RUN")[0])
    assert extras is not None and extras[1] == "sandbox,tls"
    assert set(extras[1].split(",")) <= set(project["optional-dependencies"])
    assert int(instructions("USER")[0]) > 0
    assert f"--uid {instructions('USER')[0]} " in instructions("RUN")[1]


def test_healthcheck_tells_a_server_that_answers_from_one_that_does_not(server_url: str) -> None:
    """The image's own check, run against a live address and a dead one."""
    words = json.loads(instructions("HEALTHCHECK")[0].partition("CMD ")[2])
    address = f"http://127.0.0.1:{instructions('EXPOSE')[0]}"
    assert words[0] == "python" and address in words[-1]

    def check(url: str) -> int:
        command = [sys.executable, *words[1:-1], words[-1].replace(address, url)]
        return subprocess.run(command, capture_output=True, check=False, timeout=30).returncode

    assert check(server_url) == 0
    assert check(f"{server_url}/nowhere") != 0
    assert check("http://127.0.0.1:1") != 0


def test_compose_publishes_the_port_to_this_machine_alone(compose: Any) -> None:
    """Nobody in the same network reaches a double that a developer started."""
    port = instructions("EXPOSE")[0]

    assert compose["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert jobs()["with-compose"]["env"]["APIDOUBLE_URL"] == f"http://127.0.0.1:{port}"
    assert jobs()["with-compose"]["env"]["APIDOUBLE_TOKEN"] in compose["environment"]["APIDOUBLE_TOKEN"]


def test_context_holds_what_the_package_is_built_from() -> None:
    """What .dockerignore lets through is all that setup.py and pyproject.toml name."""
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}

    assert kept == {"LICENSE", "README.md", ".types", "client", "docs", "fixtures/examples"} | {
        "mockserver", "pyproject.toml", "setup.py", "specs"
    }  # fmt: skip


def test_workflow_starts_a_double_that_the_next_steps_find(tmp_path: Path) -> None:
    """The step that starts the double, run as it stands, leaves its address to the others."""
    steps = jobs()["with-pip"]["steps"]
    start = next(step["run"] for step in steps if step.get("name") == "Start the double")
    told = tmp_path / "environment"
    environment = os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}", "GITHUB_ENV": str(told), "APIDOUBLE_TOKEN": ""}
    with subprocess.Popen(["bash", "-e", "-c", start], cwd=tmp_path, env=environment, start_new_session=True) as step:
        try:
            code = step.wait(60)
            name, _, url = told.read_text("utf-8").strip().partition("=")
            with OPENER.open(f"{url}/_apidouble/health", timeout=30) as reply:
                health = json.load(reply)
        finally:
            os.killpg(step.pid, signal.SIGTERM)

    assert (code, name, health["status"]) == (0, "APIDOUBLE_URL", "ok")
    command = main.get_command(click.Context(main), "coverage")
    assert command is not None
    coverage = next(step["run"] for step in steps if "apidouble coverage" in step.get("run", ""))
    assert command.make_context("coverage", coverage.split()[2:], parent=click.Context(main))
