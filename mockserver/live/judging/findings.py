"""What an answer shows that the specs or the simulator have otherwise, and the line of the specs it would change."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from apidouble.mockserver.spec.source import Source
from apidouble.specs import ROOT

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
SEVERITY_OF: dict[str, Severity] = {
    "missing": "error",
    "retyped": "error",
    "shape": "error",
    "media type": "error",
    "status": "error",
    "code": "error",
    "simulator": "error",
    "extra": "warning",
    "value": "warning",
    "text": "warning",
    "slow": "warning",
    "busy": "note",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One deviation, however often it was seen.

    `path` leads to it inside the answer, `*` standing for any item; `reading` is the entry of readings.yaml that it
    settles, if any; `observed` is what a patch needs to know.
    """

    vendor: str
    operation: str
    format: str
    kind: str
    path: str
    said: str
    source: Source
    keys: tuple[str | int, ...]
    reading: str = ""
    observed: Any = None

    @property
    def severity(self) -> Severity:
        """How bad it is for a client: an error breaks it, a warning may, a note does not."""
        return SEVERITY_OF[self.kind]

    @property
    def line(self) -> str:
        """File and line of the specs that it would change."""
        at = self.source.at(*self.keys)
        path, _, line = at.rpartition(":")
        return f"{shown(Path(path))}:{line}"

    @property
    def place(self) -> tuple[str, str, str, str, str]:
        """What makes two findings the same one."""
        return self.vendor, self.operation, self.format, self.kind, self.path

    @property
    def record(self) -> dict[str, str]:
        """The finding as JSON has it."""
        return {
            "severity": self.severity,
            "vendor": self.vendor,
            "operation": self.operation,
            "format": self.format,
            "kind": self.kind,
            "path": self.path,
            "said": self.said,
            "line": self.line,
            "reading": self.reading,
        }


def shown(path: Path) -> str:
    """Return a spec file's path as one says it: specs/qcomment/openapi.yaml."""
    return f"specs/{path.relative_to(ROOT).as_posix()}" if path.is_relative_to(ROOT) else str(path)


def unique(findings: Iterable[Finding]) -> list[Finding]:
    """Return each finding once, the worst first, then as they were found."""
    first: dict[tuple[str, str, str, str, str], Finding] = {}
    for finding in findings:
        first.setdefault(finding.place, finding)
    return sorted(first.values(), key=lambda f: SEVERITIES.index(f.severity))
