"""Turn a work's brief and number into the texts that somebody reads of it, the same each time and only then."""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from importlib import import_module

from apidouble.mockserver.domain.draws import drawer
from apidouble.mockserver.vendors.qcomment.state import Brief, Comment

LOCALES = {"ru": "ru_RU", "ua": "uk_UA", "en": "en_US"}
BELARUSIAN = (
    "добры", "якасны", "хуткі", "зручны", "новы", "вялікі", "цікавы", "карысны", "сапраўдны", "надзейны",
    "тавар", "пакупка", "сайт", "магазін", "дастаўка", "кошт", "горад", "дзень", "праца", "дарога", "кніга",
    "пытанне", "адказ", "сябар", "сям'я", "дом", "зіма", "лета", "вясна", "восень", "сонца", "час", "людзі",
    "мова", "краіна", "купіць", "замовіць", "атрымаць", "параіць", "спадабацца", "чытаць", "глядзець", "ведаць",
    "дапамагчы", "прыйсці", "вельмі", "заўсёды", "хутка", "ўчора", "сёння", "заўтра", "таксама", "потым",
    "разам", "добра",
)  # fmt: skip
MOODS = {
    "ru": {2: "Отлично", 3: "Нормально", 4: "Плохо"},
    "ua": {2: "Чудово", 3: "Нормально", 4: "Погано"},
    "en": {2: "Great", 3: "Fine", 4: "Bad"},
    "by": {2: "Выдатна", 3: "Нармальна", 4: "Дрэнна"},
}
QUESTION = 1
LONGER_PERCENT = 40
SENTENCE = 4, 11
PATIENCE = 200


def message(comment: Comment) -> str:
    """Return the text of a work that came by itself; empty for any other, and where the tariff asks for none."""
    brief = comment.brief
    if brief is None or not brief.least:
        return ""
    return _message(brief, comment.number, comment.rounds)


def name(comment: Comment) -> str:
    """Return the name under which the author of such a work writes on the site."""
    if comment.brief is None:
        return ""
    given, family = _names(comment.brief.language)
    numbers = drawer(comment.brief.seed, comment.author, "name")(0)
    first = given[numbers[0] * len(given) >> 32]
    return f"{first} {family[numbers[1] * len(family) >> 32][0]}." if numbers[2] >> 31 else first


def file(comment: Comment) -> str:
    """Return the address of the screenshot, where the project asks for one."""
    brief = comment.brief
    if brief is None or not brief.screenshot:
        return ""
    return f"https://qcomment.ru/video_screens/project-{brief.project_id}_{comment.number}_{comment.rounds}.png"


@lru_cache(maxsize=4096)
def _message(brief: Brief, number: int, rounds: int) -> str:
    entity = f"project {brief.project_id} {number}"
    draws = drawer(brief.seed, entity, f"text {rounds}")
    head = draws(0)
    kind = brief.kinds[head[0] * len(brief.kinds) >> 32]
    wanted = brief.least + (brief.least * LONGER_PERCENT * head[1] // 100 >> 32)
    words = _allowed(brief.language, brief.stop_words)
    opening = MOODS.get(brief.language, MOODS["en"]).get(kind)
    sentences = [opening] if opening and not _stopped(opening, brief.stop_words) else []
    length = sum(map(len, sentences))
    for sentence in _sentences(words, draws):
        joined = ". ".join([*sentences, sentence])
        if _stopped(joined, brief.stop_words):
            continue
        sentences.append(sentence)
        length = len(joined) + 1
        if length >= max(wanted, brief.least):
            break
    return ". ".join(sentences) + ("?" if kind == QUESTION else ".")


def _sentences(words: Sequence[str], draws: Callable[[int], tuple[int, ...]]) -> Iterator[str]:
    """Yield sentences without end; after many, single words, lest a stop phrase keep every sentence out."""
    index = 0
    while True:
        index += 1
        numbers = draws(index)
        least, most = SENTENCE if index < PATIENCE else (1, 1)
        count = least + (numbers[0] * (most - least + 1) >> 32)
        yield " ".join(words[number * len(words) >> 32] for number in numbers[1 : 1 + count]).capitalize()


def _stopped(text: str, stop_words: Sequence[str]) -> bool:
    folded = text.casefold()
    return any(stop in folded for stop in stop_words)


@lru_cache(maxsize=256)
def _allowed(language: str, stop_words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words of a language that hold no stop word; a row of hyphens where none is left."""
    return tuple(word for word in _words(language) if not _stopped(word, stop_words)) or ("---",)


@lru_cache(maxsize=8)
def _words(language: str) -> Sequence[str]:
    if language not in LOCALES:
        return BELARUSIAN
    provider = import_module(f"faker.providers.lorem.{LOCALES[language]}").Provider
    return tuple(provider.word_list)


@lru_cache(maxsize=8)
def _names(language: str) -> tuple[Sequence[str], Sequence[str]]:
    provider = import_module(f"faker.providers.person.{LOCALES.get(language, 'ru_RU')}").Provider
    given = provider.first_names
    family = getattr(provider, "last_names_male", None) or provider.last_names
    return tuple(given), tuple(family)
