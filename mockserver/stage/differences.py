"""Turn two answers to one call into the few lines in which they differ."""

import difflib
import json
from collections.abc import Iterator
from itertools import islice

from apidouble.mockserver.domain.call import Response

MOST_LINES, MOST_CHARACTERS = 24, 160
CONTEXT_BYTES = 30


def differing_lines(recorded: Response, replayed: Response) -> Iterator[str]:
    """Yield lines that begin with - for what was recorded and with + for what was replayed."""
    for name in ("status", "content_type", "retry_after", "delivery"):
        old, new = getattr(recorded, name), getattr(replayed, name)
        if old != new:
            yield f"- {name.replace('_', ' ')} {old}"
            yield f"+ {name.replace('_', ' ')} {new}"
    before, after = _lines(recorded.body), _lines(replayed.body)
    if before != after:
        changes = (line for line in difflib.unified_diff(before, after, n=1, lineterm="") if _is_content(line))
        lines = [_short(f"{line[0]} {line[1:]}") for line in islice(changes, MOST_LINES + 1)]
        yield from lines[:MOST_LINES]
        if len(lines) > MOST_LINES:
            yield "  …"
    elif recorded.body != replayed.body:
        yield from _bytewise(recorded.body, replayed.body)


def _lines(body: bytes) -> list[str]:
    """Return a body as lines that can be compared: JSON and XML spread out."""
    text = body.decode("utf-8", "backslashreplace")
    try:
        text = json.dumps(json.loads(text), ensure_ascii=False, indent=1)
    except ValueError:
        text = text.replace("><", ">\n<")
    return text.splitlines()


def _is_content(line: str) -> bool:
    return not line.startswith(("---", "+++", "@@"))


def _bytewise(before: bytes, after: bytes) -> Iterator[str]:
    """Yield what is around the first byte that differs, where the difference is only in how the same is written."""
    shorter = min(len(before), len(after))
    place = next((n for n in range(shorter) if before[n] != after[n]), shorter)
    around = slice(max(place - CONTEXT_BYTES, 0), place + CONTEXT_BYTES)
    yield f"  from byte {place} on:"
    yield f"- {before[around]!r}"
    yield f"+ {after[around]!r}"


def _short(line: str) -> str:
    return line if len(line) <= MOST_CHARACTERS else line[: MOST_CHARACTERS - 1] + "…"
