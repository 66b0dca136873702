"""A state machine as a drawing: states in the order in which they are reached, events as lines between them.

What is drawn is SVG without any style of its own; the style sheet knows its classes. Lines on from the present state
are drawn last, with the names of their events.
"""

from dataclasses import dataclass

from markupsafe import Markup, escape

from apidouble.mockserver.domain.machine import Machine, State

WIDTH, HEIGHT, ROW, COLUMN, EDGE = 148, 34, 58, 268, 16
PER_COLUMN = 8
SMALL = 8  # a machine with no more states has all of its events named


@dataclass(frozen=True)
class _Place:
    x: int
    y: int


def draw_machine(machine: Machine, present: int, title: str) -> Markup:
    """Return the drawing of a machine, the present state marked."""
    places = _places(machine)
    width = max(place.x for place in places.values()) + WIDTH + EDGE
    height = max(place.y for place in places.values()) + HEIGHT + EDGE
    lines = sorted(_moves(machine).items(), key=lambda item: item[0][0] == present)
    named = len(machine.states) <= SMALL
    parts = [
        Markup(
            '<svg class="machine" role="img" viewBox="0 0 {w} {h}" width="{w}" height="{h}" aria-label="{t}">'
            '<defs><marker id="tip-{n}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
            'orient="auto-start-reverse"><path d="M0 0L8 4L0 8z"/></marker></defs>'
        ).format(w=width, h=height, t=title, n=machine.name)
    ]
    taken: dict[tuple[int, int], int] = {}
    for (source, target), events in lines:
        if source == target:
            continue
        ahead = source == present
        words = ", ".join(events) if named or ahead else ""
        parts.append(_line(machine.name, places[source], places[target], words, taken, ahead=ahead))
    parts += [_box(places[state.id], state, is_present=state.id == present) for state in machine.states.values()]
    return Markup("").join([*parts, Markup("</svg>")])


def _moves(machine: Machine) -> dict[tuple[int, int], list[str]]:
    found: dict[tuple[int, int], list[str]] = {}
    for event in machine.events.values():
        for source, target in event.moves.items():
            found.setdefault((source, target), []).append(event.name)
    return found


def _places(machine: Machine) -> dict[int, _Place]:
    """Put each state into the column of how many events lead there at least; a long column is broken."""
    depth, pending = {machine.initial: 0}, [machine.initial]
    moves = _moves(machine)
    while pending:
        state = pending.pop(0)
        for source, target in moves:
            if source == state and target not in depth:
                depth[target] = depth[state] + 1
                pending.append(target)
    last = max(depth.values()) + 1
    layers: dict[int, list[int]] = {}
    for state in machine.states:
        layers.setdefault(depth.get(state, last), []).append(state)
    places, column = {}, 0
    tallest = min(max(map(len, layers.values())), PER_COLUMN)
    for layer in (layers[n] for n in sorted(layers)):
        for start in range(0, len(layer), PER_COLUMN):
            some = layer[start : start + PER_COLUMN]
            top = (tallest - len(some)) * ROW // 2
            for row, state in enumerate(some):
                places[state] = _Place(EDGE + column * COLUMN, EDGE + top + row * ROW)
            column += 1
    return places


def _line(
    name: str, source: _Place, target: _Place, words: str, taken: dict[tuple[int, int], int], *, ahead: bool
) -> Markup:
    """Return a line from box to box with its words on it; lines back run below their counterparts."""
    if target.x > source.x:
        x1, x2, bend = source.x + WIDTH, target.x, 60
    elif target.x < source.x:
        x1, x2, bend = source.x, target.x + WIDTH, -60
    else:
        x1, x2, bend = source.x + WIDTH, target.x + WIDTH, 70
    shift = 7 if target.x < source.x or (target.x == source.x and target.y < source.y) else -7
    y1, y2 = source.y + HEIGHT // 2 + shift, target.y + HEIGHT // 2 + shift
    second = x2 + 70 if target.x == source.x else x2 - bend
    line = f"M{x1} {y1}C{x1 + bend} {y1} {second} {y2} {x2} {y2}"
    kind = "ahead" if ahead else "other"
    drawn = Markup('<path class="{k}" d="{d}" marker-end="url(#tip-{n})"/>').format(k=kind, d=line, n=name)
    if not words:
        return drawn
    x, y = (x1 + 3 * x1 + 3 * bend + 3 * second + x2) // 8, (y1 + y2) // 2 - 4
    spot = (x // 60, y // 14)
    while spot in taken:
        y += 14
        spot = (x // 60, y // 14)
    taken[spot] = 1
    return drawn + Markup('<text class="{k}" x="{x}" y="{y}">{w}</text>').format(k=kind, x=x, y=y, w=words)


def _box(place: _Place, state: State, *, is_present: bool) -> Markup:
    kind = "present" if is_present else "state"
    name = state.name if len(state.name) <= 18 else f"{state.name[:17]}…"
    return Markup(
        '<g class="{k}"><title>{id} {full}</title><rect x="{x}" y="{y}" width="{w}" height="{h}" rx="6"/>'
        '<text x="{tx}" y="{ty}">{id} {name}</text></g>'
    ).format(
        k=kind, id=state.id, full=escape(state.name), x=place.x, y=place.y, w=WIDTH, h=HEIGHT,
        tx=place.x + 10, ty=place.y + 22, name=name,
    )  # fmt: skip
