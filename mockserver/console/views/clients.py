"""How a client in some language is pointed at this server: lines to copy."""

from dataclasses import dataclass

from apidouble.mockserver.stage.stage import Stage

SHELL = """\
curl {url}/api/balance -d apicode={qcomment}

curl '{url}/v1-api?api_key={qqtube}&action=funds'"""
PHP = """\
<?php
$curl = curl_init('{url}/api/balance');
curl_setopt_array($curl, [
    CURLOPT_POSTFIELDS => ['apicode' => '{qcomment}'],
    CURLOPT_RETURNTRANSFER => true,
]);
echo curl_exec($curl);"""
PYTHON = """\
import requests

print(requests.post("{url}/api/balance", data={{"apicode": "{qcomment}"}}, timeout=30).json())
print(requests.get("{url}/v1-api", params={{"api_key": "{qqtube}", "action": "funds"}}, timeout=30).json())"""
NODE = """\
const answer = await fetch("{url}/api/balance", {{
  method: "POST",
  body: new URLSearchParams({{ apicode: "{qcomment}" }}),
}});
console.log(await answer.json());"""


@dataclass(frozen=True)
class Snippet:
    """Lines in one language."""

    language: str
    text: str


def snippets(stage: Stage, url: str, *, shown: bool) -> list[Snippet]:
    """Return the lines, with this world's keys, or with the names of environment variables for them."""
    keys = {name: str(stage.world.accounts[name].key) for name in stage.world.accounts}
    hidden = {
        "curl": ('"$QCOMMENT_APICODE"', "'\"$QQTUBE_API_KEY\"'"),
        "PHP": ("' . getenv('QCOMMENT_APICODE') . '", ""),
        "Python": ("…", "…"),
        "Node": ("…", ""),
    }
    found = []
    for language, text in (("curl", SHELL), ("PHP", PHP), ("Python", PYTHON), ("Node", NODE)):
        qcomment, qqtube = (keys["qcomment"], keys["qqtube"]) if shown else hidden[language]
        found.append(Snippet(language, text.format(url=url, qcomment=qcomment, qqtube=qqtube)))
    return found
