"""What is reached is a fold over journal entries: in any order and any pieces the same, whatever is forgotten."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apidouble.mockserver.domain.call import Request, Response
from apidouble.mockserver.domain.journal import Entry, Move
from apidouble.mockserver.gateway.gateway import CONTENT_TYPES
from apidouble.mockserver.spec.load import load
from apidouble.mockserver.stage.simulator import Simulator
from apidouble.mockserver.story.coverage import registry
from apidouble.mockserver.story.coverage.document import read_document, write_document
from apidouble.mockserver.story.coverage.fold import Recorder
from apidouble.mockserver.story.coverage.model import Coverage, Point, Reach, merge, read_selection
from apidouble.mockserver.story.coverage.universe import universe

CONTRACT = load()
READINGS = CONTRACT.choose({})
UNIVERSE = universe(CONTRACT, READINGS)
POINTS = st.sampled_from(sorted(UNIVERSE))
COVERAGES = st.dictionaries(POINTS, st.sampled_from(Reach), max_size=8).map(
    lambda points: Coverage(points, {point: UNIVERSE[point] for point in points})
)


MACHINES = [m for spec in CONTRACT.vendors.values() for m in spec.rules.machines.values()]
STEPS = [Move(m.name, e.name, s, t) for m in MACHINES for e in m.events.values() for s, t in e.moves.items()]
STEPS += [Move(m.name, "created", None, m.initial) for m in MACHINES]
MOVES = st.builds(lambda move, forced: move._replace(forced=forced), st.sampled_from(STEPS), st.booleans())


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    """A call of any operation, with any parameters, answered in any way the specs know."""
    spec = draw(st.sampled_from(list(CONTRACT.vendors.values())))
    served = [o for o in spec.operations.values() if not o.reading]
    operation = draw(st.sampled_from(served))
    errors = [e.code for e in spec.numbered.values() if operation.id in e.operations]
    failures = [f.name for f in spec.failures.values() if operation.id in f.operations]
    kinds = {kind for _, kind in operation.answers} - ({"failure"} if not failures else set())
    kind = draw(st.sampled_from(sorted(kinds)))
    codes = (draw(st.sampled_from(errors)),) if kind == "error" and errors else ()
    outcome = draw(st.sampled_from(failures)) if kind == "failure" else "+".join(map(str, codes)) or "ok"
    formats = sorted({CONTENT_TYPES[media_type] for media_type, _ in operation.answers})
    names = st.sampled_from([*operation.request.properties, "tariff_id", "nonsense"])
    return Entry(
        sequence=draw(st.integers(1, 9)),
        at_ms=draw(st.integers(0, 9)),
        vendor=spec.name,
        operation=operation.id,
        request=Request("POST", operation.path),
        parameters=dict.fromkeys(draw(st.lists(names, max_size=4)), "1"),
        response=Response(200, draw(st.sampled_from(formats)), b""),
        outcome=outcome,
        moves=tuple(draw(st.lists(MOVES, max_size=3))),
        kind=kind,
        codes=codes,
    )


def recorded(seen: list[Entry]) -> Coverage:
    recorder = Recorder(CONTRACT, READINGS)
    for entry in seen:
        recorder.see(entry)
    return recorder.coverage()


@settings(max_examples=40, deadline=None)
@given(st.lists(entries(), max_size=12), st.integers(0, 12), st.randoms(use_true_random=False))
def test_pieces_together_are_the_whole(seen: list[Entry], cut: int, chance: Any) -> None:
    """Recorded in two pieces and merged, in another order, or twice over, the same is reached as at once."""
    whole = recorded(seen)
    shuffled = list(seen)
    chance.shuffle(shuffled)

    assert recorded(seen[:cut]) | recorded(seen[cut:]) == whole
    assert recorded(shuffled) == recorded(seen + seen) == whole


@given(entries())
def test_nothing_is_reached_that_is_not_in_the_contract(entry: Entry) -> None:
    """Whatever the entry, each point it reaches is one that a report knows; strange parameters reach none."""
    recorder = Recorder(CONTRACT, READINGS)

    recorder.see(entry)

    assert recorder.reached.keys() <= UNIVERSE.keys()
    assert recorder.reached[Point("operations", entry.vendor, entry.operation, entry.operation)] is Reach.NATURAL
    for code in entry.codes:
        places = {p.place for p in recorder.reached if p.dimension == "codes" and p.name == str(code)}
        assert places in ({entry.operation}, {"any"})


@given(COVERAGES, COVERAGES, COVERAGES)
def test_merging_is_commutative_associative_and_idempotent(a: Coverage, b: Coverage, c: Coverage) -> None:
    """Files may be merged in any order, any number of times."""
    assert a | b == b | a
    assert (a | b) | c == a | (b | c)
    assert a | a == a
    assert merge([a, b]) == a | b
    assert all((a | b).reach(p) == max(a.reach(p), b.reach(p)) for p in {**a.points, **b.points})


@given(COVERAGES)
def test_a_file_is_read_back_as_it_was_written(coverage: Coverage) -> None:
    """Nothing of the points is lost on the way through JSON."""
    assert read_document(write_document(coverage)) == coverage


@pytest.mark.parametrize(
    "values", [None, [], {}, {"version": 2}, {"version": 1}, {"version": 1, "points": [{"dimension": "codes"}]}]
)
def test_another_file_is_refused(values: Any) -> None:
    """What is no coverage of this version is said so, not merged."""
    with pytest.raises(ValueError, match="coverage"):
        read_document(values)


@given(COVERAGES)
def test_shares_count_every_point_once(coverage: Coverage) -> None:
    """The dimensions' shares add up to the whole, and 100 per cent is said only of all."""
    whole = coverage.share()
    parts = [coverage.share(dimension) for dimension in coverage.dimensions()]

    assert tuple(map(sum, zip(*parts, strict=True))) == (tuple(whole) if parts else ())
    assert (whole.percent == 100) == (whole.never == 0)
    assert whole.is_below(100) == (whole.never > 0)
    assert sum(len(points) for _, points in coverage.never()) == whole.never


@pytest.mark.parametrize("text", ["code", "qcomment.", ".codes", "qqtub.codes", "codes.qcomment", "codes,x"])
def test_selection_of_nothing_known_is_refused(text: str) -> None:
    """A misspelt dimension would otherwise demand nothing."""
    with pytest.raises(ValueError, match="transitions"):
        read_selection(text)


def test_collector_sees_every_simulator_until_it_is_uninstalled() -> None:
    """Simulators opened while it is installed are seen, under whatever readings; later ones are not."""
    collector = registry.Collector()
    early = Simulator.open()
    registry.install(collector)
    try:
        first, second = Simulator.open(), Simulator.open(readings={"qq.extra": "on"})
    finally:
        registry.uninstall(collector)
    late = Simulator.open()

    for simulator in (early, first, late):
        simulator.reset()
    assert collector.coverage().reach(Point("control", "control", "reset", "reset")) is Reach.NATURAL
    assert Point("operations", "qqtube", "submissions", "submissions") in collector.coverage().points
    observers = [len(s.world.journal.observers) for s in (early, first, second, late)]
    assert [count - observers[0] for count in observers] == [0, 0, 1, 0]


def test_what_a_recorder_remembers_is_bounded(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls with any names, however many and long, leave no more than so much behind."""
    monkeypatch.setattr("apidouble.mockserver.story.coverage.fold.MOST_KNOWN", 50)
    recorder = simulator.stage.recorder
    for number in range(100):
        simulator.world.record(
            vendor="qcomment",
            operation="balance",
            request=Request("POST", "/api/balance"),
            parameters={f"x{number}": "", "y" * (1_000_000 if number % 2 else 1): ""},
            response=Response(200, "application/json", b""),
        )

    assert len(recorder._known) == 50
    assert len(repr(recorder._known)) < 100_000
