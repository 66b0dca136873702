"""A value into a stable pseudonym of the same shape: letters for letters, digits for digits, a date for a date."""

import hmac
import math
import re
from collections.abc import Callable, Collection
from threading import Lock

NOTHING = re.compile(r"[0.:,\s-]*")
SCHEME = re.compile(r"https?://")
DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:( )([0-9]{2}):([0-9]{2})(:[0-9]{2})?)?")
TIME = re.compile(r"[0-9]{2}:[0-9]{2}(:[0-9]{2})?")
WORD = re.compile(r"\w+")
ALPHABETS = tuple(
    (frozenset(letters), letters)
    for letters in (
        "abcdefghijklmnopqrstuvwxyz",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "абвгдежзийклмнопрстуфхцчшщъыьэюя",
        "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ",
    )
)
TRIES = 100


class Pseudonyms:
    """The pseudonyms of one recording, under a salt that nobody keeps. Any thread may ask."""

    def __init__(self, salt: bytes) -> None:
        self._salt = salt
        self._given: dict[str, str] = {}
        self._taken: set[str] = set()
        self._lock = Lock()

    def text(self, value: str) -> str:
        """Return the pseudonym of a text; nothing, zeros, midnight and blanks at the ends stay what they are."""
        if NOTHING.fullmatch(value):
            return value
        core = value.strip()
        if core != value:
            return value.replace(core, self.text(core))
        with self._lock:
            if value not in self._given:
                self._given[value] = self._find(value)
            return self._given[value]

    def __contains__(self, value: str) -> bool:
        return value in self._given

    def number(self, value: float) -> int | float:
        """Return the pseudonym of a number, whole or not as it was; what is no number stays so."""
        if not math.isfinite(value):
            return value
        written = self.text(f"{abs(value):f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(abs(value)))
        made: int | float = float(written) if isinstance(value, float) else int(written)
        return -made if value < 0 else made

    def words(self, value: str, known: Collection[str]) -> str:
        """Return a text with its known words as they are and a pseudonym for each other."""
        return WORD.sub(lambda m: m[0] if m[0].casefold() in known else self.text(m[0]), value)

    def _find(self, value: str) -> str:
        for attempt in range(TRIES):
            made = self._make(value, attempt)
            if made not in self._taken and made != value:
                break
        self._taken.add(made)
        return made

    def _make(self, value: str, attempt: int) -> str:
        number = self._numbers(value, attempt)
        if date := DATE.fullmatch(value):
            day = f"{2000 + number(25)}-{1 + number(12):02}-{1 + number(28):02}"
            return day if date[4] is None else f"{day} {_time(number, len(value) - 11)}"
        if TIME.fullmatch(value):
            return _time(number, len(value))
        scheme = SCHEME.match(value)
        start = scheme.end() if scheme else 0
        return value[:start] + "".join(_sign(c, number, value, start + i) for i, c in enumerate(value[start:]))

    def _numbers(self, value: str, attempt: int) -> Callable[[int], int]:
        state = [hmac.digest(self._salt, f"{attempt}:{value}".encode("utf-8", "surrogatepass"), "sha256"), b""]

        def number(below: int) -> int:
            if len(state[1]) < 4:  # noqa: PLR2004 (bytes of a number)
                state[0] = hmac.digest(self._salt, state[0], "sha256")
                state[1] = state[0]
            taken, state[1] = state[1][:4], state[1][4:]
            return int.from_bytes(taken, "big") % below

        return number


def _time(number: Callable[[int], int], length: int) -> str:
    return f"{number(24):02}:{number(60):02}:{1 + number(59):02}"[:length]


def _sign(sign: str, number: Callable[[int], int], value: str, at: int) -> str:
    if sign.isdigit():
        leads = sign == "0" and not value[:at][-1:].isdigit() and value[at + 1 : at + 2] in ".,"
        return sign if leads and value[at + 1 : at + 2] else str(1 + number(9))
    for members, letters in ALPHABETS:
        if sign in members:
            return letters[number(len(letters))]
    return "abcdefghijklmnopqrstuvwxyz"[number(26)] if sign.isalnum() else sign
