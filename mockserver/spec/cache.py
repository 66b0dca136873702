"""Keep what was made of the package's own files in the user's cache folder, so that the next start is quick."""

import marshal
import os
import sys
from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

OTHERS_MAY_WRITE = 0o022


def kept(name: str, ingredients: Iterable[bytes], make: Callable[[], Any]) -> Any:
    """Return what `make` returns, plain values, or what it once returned for the same ingredients.

    A cache that is missing, damaged, or out of reach is as none; so is one that somebody else could have written, for
    it is read like the compiled modules beside a source.
    """
    digest = sha256()
    for ingredient in ingredients:
        digest.update(sha256(ingredient).digest())
    try:
        path = _folder() / name
        found, content = _load(path, digest.digest())
    except (OSError, RuntimeError, ValueError):  # RuntimeError: nobody's home
        return make()
    if not found:
        content = make()
        _save(path, digest.digest(), content)
    return content


def _folder() -> Path:
    root = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(root) if root else Path.home() / ".cache") / "apidouble" / sys.version.partition(" ")[0]


def _load(path: Path, digest: bytes) -> tuple[bool, Any]:
    """Return whether a file holds what was made of these ingredients, and that."""
    try:
        with path.open("rb") as file:
            status, written = os.fstat(file.fileno()), file.read()
    except FileNotFoundError:
        return False, None
    if status.st_mode & OTHERS_MAY_WRITE or (hasattr(os, "getuid") and status.st_uid != os.getuid()):
        return False, None
    head, payload = written[: 2 * len(digest)], written[2 * len(digest) :]
    if head != digest + sha256(payload).digest():
        return False, None
    return True, marshal.loads(payload)  # noqa: S302 (own bytes, see above)


def _save(path: Path, digest: bytes, content: Any) -> None:
    """Write a file as a whole, or not at all."""
    import tempfile  # noqa: PLC0415 (rarely written)

    try:
        payload = marshal.dumps(content)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(digest + sha256(payload).digest() + payload)
            Path(draft).replace(path)
        except OSError:
            Path(draft).unlink(missing_ok=True)
    except OSError:
        return
