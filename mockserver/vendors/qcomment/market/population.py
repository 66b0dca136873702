"""Turn a scenario's shares and weights into the authors of a marketplace, the same for the same seed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from apidouble.mockserver.domain.draws import between, drawer
from apidouble.mockserver.domain.world import Catalog, Item

NAMES = (
    "anna", "olga", "irina", "elena", "maria", "natali", "sveta", "julia", "katya", "dasha", "lena", "vera",
    "nina", "alina", "kira", "polina", "ivan", "sergey", "andrey", "dmitry", "alex", "maxim", "pavel", "oleg",
    "roman", "denis", "artem", "kirill", "anton", "egor", "viktor", "yuri",
)  # fmt: skip
FIRST_ID = 200_000
WOMAN, MAN = 1, 2
FRIENDS = (10, 900)
FOLLOWERS = (0, 3000)
AGES = (16, 68)


@dataclass(frozen=True, slots=True)
class Author:
    """One author. `social` holds friends and followers by the id of the network."""

    login: str
    id: int
    languages: frozenset[str]
    country: int
    city: int
    gender: int
    age: int
    social: Mapping[int, tuple[int, int]]
    verified: bool
    mobile: bool
    ip: int


def populate(seed: int, shares: Item, catalogs: Mapping[str, Catalog], known: Mapping[str, int]) -> tuple[Author, ...]:
    """Return the authors that the world knows already and as many more as the scenario wants."""
    places = tuple(
        (int(country), int(shares["countries"].get(country, 0)), tuple(city["id"] for city in row["cities"]))
        for country, row in catalogs["countries"].items()
    )
    networks = tuple(int(network) for network in catalogs["social_networks"])
    numbers = tuple(sorted((name, value) for name, value in shares.items() if isinstance(value, int)))
    languages = tuple(sorted(shares["languages"].items()))
    return _populate(seed, numbers, languages, places, networks, tuple(sorted(known.items())))


@lru_cache(maxsize=8)
def _populate(
    seed: int,
    numbers: tuple[tuple[str, int], ...],
    languages: tuple[tuple[str, int], ...],
    places: tuple[tuple[int, int, tuple[int, ...]], ...],
    networks: tuple[int, ...],
    known: tuple[tuple[str, int], ...],
) -> tuple[Author, ...]:
    shares = dict(numbers)
    authors: list[Author] = []
    who = list(known) + [
        (f"{NAMES[index % len(NAMES)]}{index}", FIRST_ID + index) for index in range(1, shares["size"] + 1)
    ]
    for login, author_id in who:
        chance = drawer(seed, login, "author")
        first, second = chance(0), chance(1)
        country, cities = _place(first[0], places)
        shares_ip = authors and _falls(first[1], shares["shared_ip_percent"])
        authors.append(
            Author(
                login=login,
                id=author_id,
                languages=_tongues(second, languages),
                country=country,
                city=cities[first[2] * len(cities) >> 32] if cities else 0,
                gender=between(first[3], WOMAN, MAN),
                age=between(first[4], *AGES),
                social={
                    network: (between(second[8 + place], *FRIENDS), between(first[8 + place], *FOLLOWERS))
                    for place, network in enumerate(networks[:8])
                    if _falls(first[8 + place] ^ second[15 - place], shares["social_percent"])
                },
                verified=_falls(first[5], shares["verified_percent"]),
                mobile=_falls(first[6], shares["mobile_percent"]),
                ip=authors[first[7] * len(authors) >> 32].ip if shares_ip else author_id,
            )
        )
    return tuple(authors)


def _falls(number: int, percent: int) -> bool:
    return number * 100 >> 32 < percent


def _place(number: int, places: Iterable[tuple[int, int, tuple[int, ...]]]) -> tuple[int, tuple[int, ...]]:
    weighted = [place for place in places if place[1]]
    mark = number * sum(weight for _, weight, _ in weighted) >> 32
    for country, weight, cities in weighted:
        mark -= weight
        if mark < 0:
            return country, cities
    return 0, ()


def _tongues(numbers: tuple[int, ...], languages: tuple[tuple[str, int], ...]) -> frozenset[str]:
    """Return the languages an author writes; everybody writes at least the commonest."""
    written = {language for place, (language, percent) in enumerate(languages) if _falls(numbers[place % 8], percent)}
    return frozenset(written or {max(languages, key=lambda pair: pair[1])[0]})
