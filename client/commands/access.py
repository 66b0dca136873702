"""Turn the environment and a config file into a key and an address; a key is never a usual argument."""

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

KEYS = {"qcomment": ("apicode", "QCOMMENT_APICODE"), "qqtube": ("api_key", "QQTUBE_API_KEY")}
SETTINGS = {"qcomment": {"apicode", "base_url", "format", "currency"}, "qqtube": {"api_key", "base_url"}}
READABLE_BY_OTHERS = 0o077
DOUBLE = "http://127.0.0.1:8080"


@dataclass(frozen=True, slots=True)
class Access:
    """What a client is made of."""

    key: str
    settings: dict[str, str]


def usual_config() -> Path:
    """Return where the config file is looked for."""
    home = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(home).expanduser() / "apidouble" / "client.toml"


def find(vendor: str, config: Path | None, key: str | None, given: dict[str, str | None], *, live: bool) -> Access:
    """Return the access to a vendor: what was insisted on, else the environment, else the config file.

    The address is the live service's only with `live` or where it is written out; else a double's on this machine.
    """
    if live and given.get("base_url"):
        raise click.UsageError("--live and --base-url name two addresses: give one")
    name, variable = KEYS[vendor]
    written = _read(vendor, config)
    found = key or os.environ.get(variable) or written.pop(name, "")
    written.pop(name, None)
    if not found:
        raise click.UsageError(f"no key: set {variable}, or {name} under [{vendor}] in {config or usual_config()}")
    settings = {"base_url": DOUBLE} | written | {k: v for k, v in given.items() if v is not None}
    if live:
        del settings["base_url"]  # the client's own is the live service's
    return Access(found, settings)


def _read(vendor: str, config: Path | None) -> dict[str, str]:
    path = config or usual_config()
    if config is None and not path.exists():
        return {}
    try:
        document: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise click.UsageError(f"{path}: {error}") from error
    section = document.get(vendor, {})
    if not isinstance(section, dict) or not all(isinstance(value, str) for value in section.values()):
        raise click.UsageError(f"{path}: [{vendor}] is not a table of texts")
    unknown = section.keys() - SETTINGS[vendor]
    if unknown:
        raise click.UsageError(f"{path}: [{vendor}] has no {', '.join(sorted(unknown))}")
    if KEYS[vendor][0] in section and path.stat().st_mode & READABLE_BY_OTHERS and os.name == "posix":
        click.echo(f"Warning: others can read the key in {path}: chmod 600 {path}", err=True)
    return dict(section)
