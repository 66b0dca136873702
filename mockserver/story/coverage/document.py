"""Turn coverage into JSON values, for files that can be merged, and back.

    {"version": 1,
     "summary": {"codes": {"natural": 66, "forced": 0, "never": 1, "percent": 98.5}, …},     one for each dimension
     "points": [{"dimension": "codes",           a key of model.DIMENSIONS
                 "vendor": "qcomment",           or qqtube, control
                 "place": "payproject",          an operation or a machine; "any" for an error of every operation
                 "name": "303",                  a parameter, a kind, a code, a status, an event: "pay 0→1"
                 "label": "project not found",   what the name stands for; may be empty
                 "reach": "never"}, …]}          natural, forced or never

The summary is for readers and is not read back.
"""

from typing import Any

from apidouble.mockserver.story.coverage.model import DIMENSIONS, Coverage, Point, Reach

VERSION = 1


def write_document(coverage: Coverage) -> dict[str, Any]:
    """Return the values of a file."""
    shares = {dimension: coverage.share(dimension) for dimension in coverage.dimensions()}
    return {
        "version": VERSION,
        "summary": {name: {**share._asdict(), "percent": share.percent} for name, share in shares.items()},
        "points": [
            {**point._asdict(), "label": coverage.labels.get(point, ""), "reach": reach.word}
            for point, reach in coverage.points.items()
        ],
    }


def read_document(values: Any) -> Coverage:
    """Return the coverage of a file; raises ValueError where the values are not of this kind."""
    if not isinstance(values, dict) or values.get("version") != VERSION:
        raise ValueError(f"no coverage of version {VERSION}")
    try:
        items = [(Point(*(item[f] for f in Point._fields)), item) for item in values["points"]]
        reached = {point: Reach[item["reach"].upper()] for point, item in items}
        labels = {point: item["label"] for point, item in items}
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not as described in the coverage schema: {error!r}") from error
    strange = {p.dimension for p in reached} - DIMENSIONS.keys()
    if strange:
        raise ValueError(f"unknown dimensions: {', '.join(sorted(map(str, strange)))}")
    return Coverage(reached, labels)
