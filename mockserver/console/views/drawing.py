"""A state machine as a drawing, the present state marked: SVG without a style of its own.

A simple machine is drawn whole: states in the order in which they are reached, events as lines between them. Of another
the present state is drawn between those that lead to it and those it leads to; the rest stand below.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from apidouble.mockserver.domain.machine import Machine, State

WIDTH, HEIGHT, ROW, EDGE = 150, 34, 58, 14
LETTER = 6.3  # how wide a letter of an event's name is, about
LEAST_GAP, MOST_GAP = 110, 250
MOST_LETTERS = 20
FEW_LAYERS = 2
CELL, TALL, ACROSS, BETWEEN = 172, 44, 3, 44

Moves = dict[tuple[int, int], list[str]]


@dataclass(frozen=True)
class _Place:
    x: int
    y: int


def draw_machine(machine: Machine, present: int, title: str) -> Markup:
    """Return the drawing of a machine."""
    moves: Moves = {}
    for event in machine.events.values():
        for source, target in event.moves.items():
            if source != target:
                moves.setdefault((source, target), []).append(event.name)
    layers = _layers(machine, moves)
    simple = len(layers) <= FEW_LAYERS and len(machine.states) <= MOST_LETTERS // 2
    parts, width, height = _whole(machine, present, moves, layers) if simple else _around(machine, present, moves)
    opening = Markup(
        '<svg class="machine" role="img" viewBox="0 0 {w} {h}" width="{w}" height="{h}" aria-label="{t}"><defs>'
        '<marker id="tip-{n}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0L8 4L0 8z"/></marker></defs>'
    ).format(w=width, h=height, t=title, n=machine.name)
    return Markup("").join([opening, *parts, Markup("</svg>")])


def _whole(machine: Machine, present: int, moves: Moves, layers: list[list[int]]) -> tuple[list[Markup], int, int]:
    """Return the parts of the drawing of a simple machine, its width and its height."""
    longest = max((len(", ".join(events)) for events in moves.values()), default=0)
    gap = int(min(max(longest * LETTER + 44, LEAST_GAP), MOST_GAP))
    tallest = max(map(len, layers))
    places = {
        state: _Place(EDGE + column * (WIDTH + gap), EDGE + (tallest - len(layer)) * ROW // 2 + row * ROW)
        for column, layer in enumerate(layers)
        for row, state in enumerate(layer)
    }
    lines = sorted(moves.items(), key=lambda item: item[0][0] == present)
    drawn = [_line(machine.name, places[s], places[t], events, ahead=s == present) for (s, t), events in lines]
    parts = [*(line for line, _ in drawn), *(words for _, words in drawn)]
    parts += [_box(places[state.id], state, is_present=state.id == present) for state in machine.states.values()]
    beside = max((len(", ".join(e)) for (s, t), e in moves.items() if places[s].x == places[t].x), default=0)
    aside = int(beside * LETTER) + 80 if beside else 0
    right = max(place.x for place in places.values())
    return parts, right + WIDTH + EDGE + aside, EDGE * 2 + (tallest - 1) * ROW + HEIGHT


def _layers(machine: Machine, moves: Moves) -> list[list[int]]:
    """Return the states by how many events lead there at least."""
    depth, pending = {machine.initial: 0}, [machine.initial]
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
    return [layers[n] for n in sorted(layers)]


def _line(name: str, source: _Place, target: _Place, events: list[str], *, ahead: bool) -> tuple[Markup, Markup]:
    """Return a line from box to box and its words, which stand at the box on the right, those of lines back lower."""
    words, kind = ", ".join(events), "ahead" if ahead else "other"
    if source.x == target.x:
        down = target.y > source.y
        x, bend = source.x + WIDTH, 46 if down else 70
        y1, y2 = source.y + HEIGHT // 2 + 5, target.y + HEIGHT // 2 - 5
        if not down:
            y1, y2 = y1 - 10, y2 + 10
        path = f"M{x} {y1}C{x + bend} {y1} {x + bend} {y2} {x} {y2}"
        spot, anchor = (x + bend * 3 // 4 + 6, (y1 + y2) // 2 + (-2 if down else 12)), "start"
    else:
        onward = target.x > source.x
        x1, x2 = (source.x + WIDTH, target.x) if onward else (source.x, target.x + WIDTH)
        shift = -6 if onward else 8
        y1, y2 = source.y + HEIGHT // 2 + shift, target.y + HEIGHT // 2 + shift
        bend = (x2 - x1) // 3
        path = f"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
        right_x, right_y = (x2, y2) if onward else (x1, y1)
        spot, anchor = (right_x - 12, right_y + (-4 if onward else 12)), "end"
    line = Markup('<path class="{k}" d="{d}" marker-end="url(#tip-{n})"/>').format(k=kind, d=path, n=name)
    said = Markup('<text class="{k} {a}" x="{x}" y="{y}">{w}</text>')
    return line, said.format(k=kind, a=anchor, x=spot[0], y=spot[1], w=words)


def _around(machine: Machine, present: int, moves: Moves) -> tuple[list[Markup], int, int]:
    """Return the parts of the drawing of what is next to a state of a large machine, its width and its height."""
    into = {source: events for (source, target), events in moves.items() if target == present}
    onward = {target: events for (source, target), events in moves.items() if source == present}
    rest = [state for state in machine.states if state not in into and state not in onward and state != present]
    narrow, wide = (1 if len(into) <= ACROSS * 2 else 2), ACROSS if len(onward) > ACROSS * 2 else 1
    height = max(_tall(into, narrow), _tall(onward, wide), TALL)
    left, left_width, _ = _group(machine, into, EDGE, EDGE + (height - _tall(into, narrow)) // 2, narrow)
    middle = EDGE + left_width + (BETWEEN if into else 0)
    start = middle + WIDTH + BETWEEN
    right, right_width, _ = _group(machine, onward, start, EDGE + (height - _tall(onward, wide)) // 2, wide)
    y = EDGE + height // 2
    place = _Place(middle, y - HEIGHT // 2)
    arrow = Markup('<path class="{k}" d="M{a} {y}H{b}" marker-end="url(#tip-{n})"/>')
    parts = [*left, *right, _box(place, machine.states[present], is_present=True)]
    if into:
        parts.append(arrow.format(k="other", a=EDGE + left_width, b=middle, y=y, n=machine.name))
    if onward:
        parts.append(arrow.format(k="ahead", a=middle + WIDTH, b=start, y=y, n=machine.name))
    below, below_width, below_height = _group(
        machine, {state: [] for state in rest}, EDGE, EDGE * 2 + height, ACROSS + 1, faint=True
    )
    width = max((start + right_width) if onward else middle + WIDTH, EDGE + below_width) + EDGE
    return [*parts, *below], width, height + below_height + EDGE * (3 if rest else 2)


def _tall(states: dict[int, list[str]], across: int) -> int:
    """Return the height of a frame of states, none for no states."""
    return -(-len(states) // across) * (TALL + 6) + 10 if states else 0


def _group(
    machine: Machine, states: dict[int, list[str]], x: int, y: int, across: int, *, faint: bool = False
) -> tuple[Iterable[Markup], int, int]:
    """Return states side by side in a frame, each with the events of its line, and the frame's width and height."""
    if not states:
        return [], 0, 0
    across = min(across, len(states))
    tall = HEIGHT if faint else TALL
    rows = -(-len(states) // across)
    width, height = across * CELL + 10, rows * (tall + 6) + 10
    frame = Markup('<rect class="frame" x="{x}" y="{y}" width="{w}" height="{h}" rx="8"/>')
    parts = [frame.format(x=x, y=y, w=width, h=height)]
    for n, (number, events) in enumerate(states.items()):
        at = _Place(x + 8 + n % across * CELL, y + 8 + n // across * (tall + 6))
        parts.append(_cell(at, machine.states[number], events, tall, faint=faint))
    return parts, width, height


def _cell(place: _Place, state: State, events: list[str], tall: int, *, faint: bool) -> Markup:
    second = Markup('<text class="event" x="{x}" y="{y}">{w}</text>').format(
        x=place.x + 9, y=place.y + 36, w=_short(", ".join(events), 30)
    )
    return Markup(
        '<g class="{k}"><title>{id} {full}</title><rect x="{x}" y="{y}" width="{w}" height="{h}" rx="6"/>'
        '<text x="{tx}" y="{ty}">{id} {name}</text>{second}</g>'
    ).format(
        k="faint" if faint else "state", id=state.id, full=state.name, x=place.x, y=place.y, w=CELL - 6, h=tall,
        tx=place.x + 9, ty=place.y + (21 if faint else 18), name=_short(state.name, MOST_LETTERS + 2),
        second=second if events else "",
    )  # fmt: skip


def _box(place: _Place, state: State, *, is_present: bool) -> Markup:
    return Markup(
        '<g class="{k}"><title>{id} {full}</title><rect x="{x}" y="{y}" width="{w}" height="{h}" rx="6"/>'
        '<text x="{tx}" y="{ty}">{id} {name}</text></g>'
    ).format(
        k="present" if is_present else "state", id=state.id, full=state.name, x=place.x, y=place.y, w=WIDTH, h=HEIGHT,
        tx=place.x + 10, ty=place.y + 21, name=_short(state.name, MOST_LETTERS),
    )  # fmt: skip


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
