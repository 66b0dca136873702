"""Whoever wants to see every world of this process: installed here, and asked by each stage for its observers."""

from collections.abc import Callable, Iterator, Mapping

from apidouble.mockserver.domain.journal import Entry
from apidouble.mockserver.spec.model import Contract
from apidouble.mockserver.story.coverage.fold import Recorder
from apidouble.mockserver.story.coverage.model import Coverage, merge


class Collector:
    """One recorder for each contract and choice of readings, whatever the number of simulators."""

    def __init__(self) -> None:
        self._recorders: dict[tuple[int, tuple[tuple[str, str], ...]], Recorder] = {}

    def recorder(self, contract: Contract, readings: Mapping[str, str]) -> Recorder:
        """Return the recorder for worlds of this contract under these readings."""
        key = (id(contract), tuple(sorted(readings.items())))
        return self._recorders.setdefault(key, Recorder(contract, readings))

    def coverage(self) -> Coverage:
        """Return what all of them have reached together; no points where no world was ever opened."""
        return merge(recorder.coverage() for recorder in self._recorders.values())


_installed: list[Collector] = []


def install(collector: Collector) -> None:
    """Let the collector see every world that is opened from now on."""
    _installed.append(collector)


def uninstall(collector: Collector) -> None:
    """Show the collector no world that is opened from now on."""
    _installed.remove(collector)


def observers(contract: Contract, readings: Mapping[str, str]) -> Iterator[Callable[[Entry], None]]:
    """Yield what a new world's journal is to be observed by."""
    for collector in _installed:
        yield collector.recorder(contract, readings).see
