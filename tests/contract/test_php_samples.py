"""Run the PHP samples against a freshly reset simulator; their samples.yaml says what each must print."""

import json
import os
import re
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from apidouble.mockserver.stage.simulator import Simulator
from tests.ways import served

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "examples" / "php"
MANIFEST: Mapping[str, list[dict[str, Any]]] = yaml.safe_load((FOLDER / "samples.yaml").read_text("utf-8"))
JSON_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "array": (list,),
    "object": (dict,),
}


@pytest.fixture(scope="module", params=["fast lane", "routes"])
def _served(request: pytest.FixtureRequest) -> Iterator[tuple[Simulator, str]]:
    """A server whose calls pass Flask by, and one whose calls do not."""
    simulator = Simulator.open()
    with served(simulator, request.param) as url:
        yield simulator, url


@pytest.fixture(scope="session")
def php(program: Callable[[str], str]) -> str:
    """Give the path of a php, which has to have curl."""
    path = program("php")
    modules = subprocess.run([path, "-m"], capture_output=True, text=True, check=False)
    assert "curl" in modules.stdout.split(), f"{path} has no curl extension"
    return path


def call(php: str, script: str, server_url: str) -> dict[str, Any]:
    """Run one script against the server and return the JSON object that it prints."""
    environment = os.environ | {"QCOMMENT_URL": server_url, "QQTUBE_URL": server_url, "no_proxy": "*"}
    command = [php, str(FOLDER / script)]
    run = subprocess.run(command, env=environment, capture_output=True, check=False, timeout=60)
    assert run.returncode == 0, run.stderr.decode("utf-8", "replace")
    answer = json.loads(run.stdout)
    assert isinstance(answer, dict), answer
    return answer


def project(server_url: str, project_id: str) -> dict[str, Any]:
    """Ask the server about a project of the documents' account."""
    form = {"apicode": "5d41402abc4b2a76b9719d911017c592", "project_id": project_id}
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{server_url}/api/project", urllib.parse.urlencode(form).encode(), timeout=60) as reply:
        answer = json.load(reply)
    assert isinstance(answer, dict), answer
    return answer


def check(answer: dict[str, Any], expect: Mapping[str, Any]) -> None:
    """Compare an answer with the `expect` of its script."""
    if "error" in expect:
        assert answer.keys() == {"error_code", "reason"}
        assert answer["error_code"] == expect["error"]
        assert isinstance(answer["reason"], str) and answer["reason"]
    elif "keyed" in expect:
        assert answer.keys() >= set(expect["includes"])
        for key, item in answer.items():
            check_fields(item, expect)
            assert key == expect["keyed"].format_map(item)
    else:
        check_fields(answer, expect)


def check_fields(item: dict[str, Any], expect: Mapping[str, Any]) -> None:
    types = {name: kind for kind, names in expect["fields"].items() for name in names}
    assert item.keys() - set(expect.get("optional", ())) == types.keys()
    for name, kind in types.items():
        assert isinstance(item[name], JSON_TYPES[kind]) and not isinstance(item[name], bool), (name, kind)
    values = expect.get("values", {})
    assert {name: item[name] for name in values} == values


@pytest.mark.parametrize("sample", MANIFEST["samples"], ids=lambda sample: Path(sample["script"]).stem)
def test_sample_of_the_documents_gets_what_the_manifest_says(php: str, server_url: str, sample: dict[str, Any]) -> None:
    """A documented sample gets the documented success, or the error that its own mistake earns."""
    answer = call(php, sample["script"], server_url)

    check(answer, sample["expect"])


@pytest.mark.parametrize("encoding", MANIFEST["encodings"], ids=lambda entry: Path(entry["script"]).stem)
def test_encoding_of_php_clients_is_read(php: str, server_url: str, encoding: dict[str, Any]) -> None:
    """What a PHP client encodes in a way of its own arrives as it was meant, or is refused."""
    answer = call(php, encoding["script"], server_url)

    check(answer, encoding["expect"])
    if "sets" in encoding:
        created = project(server_url, answer["project_id"])
        for name, texts in encoding["sets"].items():
            told = re.findall(r"\w+", json.dumps(created.get(name), ensure_ascii=False))
            assert set(texts) <= set(told), (name, created.get(name))


def test_manifest_names_every_script_once() -> None:
    """No script is left out of the manifest, and none is listed that is not there."""
    listed = [entry["script"] for entries in MANIFEST.values() for entry in entries]
    present = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.php")} - {"call.php"}

    assert sorted(listed) == sorted(present)
    assert len(MANIFEST["samples"]) == 22
