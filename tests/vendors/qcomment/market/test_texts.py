"""What authors write: in the project's language, long enough, without its stop words, and the same each time."""

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apidouble.mockserver.vendors.qcomment.market import texts
from apidouble.mockserver.vendors.qcomment.state import Brief, Comment

SCRIPTS = {"ru": r"[а-яё]", "ua": r"[а-щьюяґєії'ʼ]", "en": r"[a-z]", "by": r"[а-зй-шы-яёіў']"}
LENGTHS = st.sampled_from([75, 150, 300, 1000])


def brief(
    language: str = "ru", least: int = 150, stop_words: tuple[str, ...] = (), kinds: tuple[int, ...] = (0,)
) -> Brief:
    return Brief(1, 7, language, least, stop_words, kinds, screenshot=False)


def text(asked: Brief, number: int = 0, rounds: int = 0) -> str:
    return texts.message(Comment(1, 7, "anna1", 0, brief=asked, number=number, rounds=rounds))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
@given(
    st.sampled_from(sorted(SCRIPTS)),
    LENGTHS,
    st.lists(st.sampled_from(["о", "а", "e", "не", "the", "монета", "другой", "i"]), max_size=4).map(tuple),
    st.integers(0, 10**6),
    st.integers(0, 3),
)
def test_text_keeps_what_the_project_asks(
    language: str, least: int, stop_words: tuple[str, ...], number: int, rounds: int
) -> None:
    """Its least length, its language's letters, and none of the stop words in any case."""
    asked = brief(language, least, stop_words)
    written = text(asked, number, rounds)

    assert least <= len(written) <= 2 * least + 100
    assert not any(word in written.casefold() for word in stop_words)
    assert re.fullmatch(rf"(?:{SCRIPTS[language]}|[ .?-])+", written.casefold())
    assert text(asked, number, rounds) == written


def test_stop_phrases_do_not_arise_between_words() -> None:
    """A phrase of two words is kept out although each of them may stand."""
    pairs = {
        tuple(pair.split()) for number in range(40) for pair in re.findall(r"\w+ \w+", text(brief(), number).casefold())
    }
    phrases = tuple(" ".join(pair) for pair in sorted(pairs))[:120]

    assert not any(
        phrase in text(brief(stop_words=phrases), number).casefold() for phrase in phrases for number in range(40)
    )


def test_texts_of_different_works_and_rounds_differ() -> None:
    """No two works share a text, and a reworked one is another."""
    written = [text(brief(), number, rounds) for number in range(100) for rounds in (0, 1)]
    assert len(set(written)) == len(written)


@pytest.mark.parametrize(("kinds", "end", "start"), [((1,), "?", ""), ((2,), ".", "Отлично"), ((4,), ".", "Плохо")])
def test_kind_of_comment_shows(kinds: tuple[int, ...], end: str, start: str) -> None:
    """Questions ask; positive and negative comments begin so."""
    written = text(brief(kinds=kinds))
    assert (written[-1], written.startswith(start)) == (end, True)


def test_nothing_is_written_until_somebody_reads(marketplace: Any) -> None:
    """A work holds no text; two readers see the same one, even after the project's settings have changed."""
    market = marketplace("instant")
    project = market.order(3, stop_words="а")
    assert [work.message for work in market.works(project)] == ["", "", ""]
    first = market("comments", project_id=project.id)
    market("projectedit", project_id=project.id, stop_words="о", language="en")

    assert market("comments", project_id=project.id) == first
    assert all(len(work["message"]) >= 300 and "а" not in work["message"].lower() for work in first.values())


def test_shorter_texts_are_allowed_by_notlong(marketplace: Any) -> None:
    """With notlong some stay below the tariff's length; without it none does."""
    market = marketplace("instant")
    lengths = {}
    for notlong in (0, 1):
        project = market.order(30, notlong=notlong)
        lengths[notlong] = [len(work["message"]) for work in market("comments", project_id=project.id).values()]

    assert min(lengths[0]) >= 300 > min(lengths[1]) >= 150


def test_screenshot_is_there_where_it_is_asked_for(marketplace: Any) -> None:
    """Each work then names a file of its own."""
    market = marketplace("instant")
    files = [
        [work["file"] for work in market("comments", project_id=market.order(3, screenshot=screenshot).id).values()]
        for screenshot in (0, 1)
    ]
    assert files[0] == ["", "", ""]
    assert len(set(files[1])) == 3
    assert all(file.startswith("https://qcomment.ru/video_screens/project-") for file in files[1])
