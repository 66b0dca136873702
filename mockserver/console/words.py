"""Say a page's English words in the visitor's language: the English is the key, ru.yaml has the Russian."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from apidouble.mockserver.spec.source import Source

LANGUAGES = {"en": "English", "ru": "Русский"}
Say = Callable[..., str]


def speaker(language: str) -> Say:
    """Return what says a sentence in a language, with words put into its {places}."""
    known = _russian() if language == "ru" else {}

    def say(english: str, /, **words: object) -> str:
        text = known.get(english, english)
        return text.format_map(words) if words else text

    return say


@cache
def _russian() -> dict[str, str]:
    return dict(Source.parse(path := Path(__file__).with_name("ru.yaml"), path.read_bytes()).content)
