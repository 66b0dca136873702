"""Typical slips in errors, machines, catalogues, readings and worlds: each gets one message with its file and line."""

import pytest

from tests.spec.conftest import Slip, Specs, see_slip

ERRORS, MACHINES = "qcomment/errors.yaml", "qcomment/machines.yaml"


def error(code: int) -> int:
    """Return where an error stands in its list."""
    errors = Specs().content(ERRORS)["errors"]
    return next(index for index, entry in enumerate(errors) if entry["code"] == code)


SLIPS = {
    "value that a reading does not have": Slip(
        ERRORS,
        "x-reading: {qc.bad_values: [refuse]}",
        "x-reading: {qc.bad_values: [refused]}",
        ("failures", 8, "x-reading", "qc.bad_values"),
        "qc.bad_values has no value refused; it has harmless, refuse, ignore",
    ),
    "fact that nothing reads": Slip(
        "vendors/qcomment/behaviour/comments.py",
        '"reject_after_days"',
        '"auto_accept_days"',
        ("tariff_groups", 5, "reject_after_days"),
        "nothing reads reject_after_days of tariff_groups: use it, or make it a note",
        at="qcomment/catalog/tariff_groups.yaml",
    ),
    "reading that switches nothing": Slip(
        "readings.yaml",
        "- id: qq.blanks\n",
        "- id: qq.idle\n  question: Q\n  words: null\n  reading: R\n  evidence: assumed\n  default: a\n"
        "  values: {a: A, b: B}\n- id: qq.blanks\n",
        (
            "readings",
            next(i for i, r in enumerate(Specs().content("readings.yaml")["readings"]) if r["id"] == "qq.blanks"),
        ),
        "qq.idle has values to choose from, and nothing asks for the choice",
    ),
    "unknown key": Slip(
        ERRORS,
        "- code: 302\n",
        "- code: 302\n  cod: 303\n",
        ("errors", error(302), "cod"),
        f"errors.{error(302)}: the key cod is unknown; did you mean code?",
    ),
    "misspelt required key": Slip(
        ERRORS,
        "  gloss: number of works missing\n",
        "  glos: number of works missing\n",
        ("errors", error(302), "glos"),
        f"errors.{error(302)}: the key glos is unknown; did you mean gloss?",
    ),
    "missing key": Slip(
        ERRORS,
        "  gloss: number of works missing\n",
        "",
        ("errors", error(302)),
        f"errors.{error(302)}: the key gloss is missing",
    ),
    "wrong type": Slip(
        ERRORS,
        "- code: 304\n  operation: payproject",
        "- code: '304'\n  operation: payproject",
        ("errors", error(304), "code"),
        f"errors.{error(304)}.code: '304' is not of type 'integer'",
    ),
    "error of an operation that does not exist": Slip(
        ERRORS,
        "- code: 304\n  operation: payproject",
        "- code: 304\n  operation: payprojects",
        ("errors", error(304), "operation"),
        "there is no operation payprojects; did you mean payproject?",
    ),
    "error of a parameter that does not exist": Slip(
        ERRORS,
        "when: {parameter: pay, rules: [missing, invalid, range]}",
        "when: {parameter: payd, rules: [missing, invalid, range]}",
        ("errors", error(302), "when", "parameter"),
        "error 302: payproject has no parameter payd; did you mean pay?",
    ),
    "cause that cannot be": Slip(
        ERRORS,
        "when: {parameter: text, rules: [blank]}",
        "when: {parameter: text, rules: [range]}",
        ("errors", error(1602), "when"),
        "error 1602: text can never be range, only blank, invalid",
    ),
    "error that nothing raises": Slip(
        ERRORS,
        "  when: {parameter: sort, rules: [invalid, range]}\n",
        "",
        ("errors", error(1203)),
        "nothing raises the error 1203: give it a `when`, name it in a machine's `refusals`",
    ),
    "required parameter that no error answers": Slip(
        "qqtube/messages.yaml",
        "when: {parameter: quantity, rules: [invalid, range]}",
        "when: {parameter: quantity, rules: [range]}",
        ("components", "schemas", "AddRequest", "properties", "quantity"),
        "no error answers a call of add in which quantity is invalid",
        at="qqtube/openapi.yaml",
    ),
    "number given twice": Slip(
        ERRORS,
        "- code: 305\n",
        "- {code: 304, operation: payproject, text: a, gloss: a, cause: a}\n- code: 305\n",
        ("errors", error(305)),
        "the error 304 is there already, ",
    ),
    "number that is not given out": Slip(
        ERRORS,
        "301-305, ",
        "301-304, ",
        ("errors", error(305)),
        "the error 305 is not among the `numbers` at the top",
    ),
    "error of another operation than the event's": Slip(
        MACHINES,
        "refusals: {1: 603, 2: 604, 3: 605}\n        evidence: assumed",
        "refusals: {1: 603, 2: 604, 3: 502}\n        evidence: assumed",
        ("machines", "comment", "events", "approve", "refusals", 3),
        "comment.approve is refused with 502, an error of comments, which its cause does not name (it names revision)",
    ),
    "error for a state that is not refused": Slip(
        MACHINES,
        "refused: [3]\n        refusals: {3: 305}",
        "refused: [3]\n        refusals: {4: 305}",
        ("machines", "project", "events", "pay", "refusals", 4),
        "project.pay names an error for 4, which it does not refuse",
    ),
    "move to nowhere": Slip(
        MACHINES,
        "moves: {0: 1, 1: 1, 2: 2, 4: 4}",
        "moves: {0: 1, 1: 1, 2: 2, 4: 5}",
        ("machines", "project", "events", "pay", "moves", 4),
        "project.pay names 5, which is none of the states 0, 1, 2, 3, 4",
    ),
    "state both moved and refused": Slip(
        MACHINES,
        "moves: {0: 1, 1: 1, 2: 2, 4: 4}\n        refused: [3]",
        "moves: {0: 1, 1: 1, 2: 2, 4: 4}\n        refused: [3, 4]",
        ("machines", "project", "events", "pay", "refused"),
        "project.pay both moves and refuses 4; each state stands in one of them",
    ),
    "misspelt event": Slip(
        MACHINES,
        "      send_to_rework:\n",
        "      sent_to_rework:\n",
        ("machines", "comment", "events", "sent_to_rework"),
        "vendor qcomment has no effect comment.sent_to_rework to carry this event out; "
        "did you mean comment.send_to_rework?",
    ),
    "group that does not exist": Slip(
        "qcomment/catalog/tariffs.yaml",
        "{id: 39, name: Микро, group: no_registration,",
        "{id: 39, name: Микро, group: registered,",
        ("tariffs", 0, "group"),
        "there is no group of tariffs registered",
    ),
    "id given twice": Slip(
        "qcomment/catalog/vip.yaml", "{id: 4,", "{id: 3,", ("vip", 3), "the id of vip 3 is there already"
    ),
    "part of another service": Slip(
        "qqtube/catalog/services.yaml",
        '- id_service_pricing: "2"\n    id_service: "3"',
        '- id_service_pricing: "2"\n    id_service: "4"',
        ("services", 0, "prices", 0, "id_service"),
        "a part of service 3 says it is of 4",
    ),
    "misspelt key of a world": Slip(
        "worlds/documented.yaml",
        "moderation_minutes: 0",
        "moderation_minute: 0",
        ("qcomment", "moderation_minute"),
        "qcomment: the key moderation_minute is unknown; did you mean moderation_minutes?",
    ),
}


@pytest.mark.parametrize("slip", SLIPS.values(), ids=SLIPS)
def test_slip_gets_one_message_with_its_line(slip: Slip, specs: Specs) -> None:
    """One message, at the line of what is wrong, says what it is."""
    see_slip(slip, specs)
