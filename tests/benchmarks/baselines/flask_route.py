"""A bare Flask route that reads a form."""

import json
import os
from pathlib import Path

import flask

ANSWERS = json.loads(Path(os.environ["BASELINE_ANSWERS"]).read_text())

app = flask.Flask(__name__)


def _view() -> flask.Response:
    sent = flask.request.form if flask.request.method == "POST" else flask.request.args
    body = ANSWERS[flask.request.path] if sent.to_dict() else ""
    return flask.Response(body, content_type="application/json; charset=utf-8")


for _path in ANSWERS:
    app.add_url_rule(_path, _path, _view, methods=["GET", "POST"])
