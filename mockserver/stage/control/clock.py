"""The double as a whole and its virtual time: health, whom to trust, reset, and the clock's operations."""

from collections.abc import Callable, Mapping
from typing import Any

from apidouble.mockserver.domain.instants import END_MS, read_duration, read_instant, write_instant
from apidouble.mockserver.stage.control.pages import Page
from apidouble.mockserver.stage.control.problems import ConflictError, InvalidError, NotFoundError
from apidouble.mockserver.stage.pacer import Pace
from apidouble.mockserver.stage.stage import Stage


def health(stage: Stage) -> dict[str, Any]:
    """Tell that the double is up."""
    from importlib.metadata import version

    return {
        "status": "ok",
        "version": version("apidouble"),
        "vendors": list(stage.world.vendors),
        "world": stage.world.tenant,
        "now": write_instant(stage.world.now_ms),
    }


def get_authority(stage: Stage) -> Page:
    """Return the certificate that clients of this server have to trust."""
    if stage.authority_pem is None:
        raise NotFoundError(
            "This server speaks http, so there is no certificate to trust.", "Start it with apidouble serve --tls."
        )
    return Page(stage.authority_pem, "application/pem-certificate-chain")


def reset(stage: Stage) -> dict[str, Any]:
    """Start the world anew."""
    stage.reset()
    return get_clock(stage)


def get_clock(stage: Stage) -> dict[str, Any]:
    """Return the virtual time and how it passes."""
    pace = stage.pacer.pace
    step = {"step": pace.step_ms / 1000} if pace.mode == "polling" else {}
    return {"now": write_instant(stage.world.now_ms), "mode": pace.mode, "rate": pace.rate, **step}


def set_clock(
    stage: Stage,
    now: str | None = None,
    mode: str | None = None,
    rate: float | None = None,
    step: str | float | None = None,
) -> dict[str, Any]:
    """Advance to an instant, and freeze the clock, let it run or step from there."""
    pace = stage.pacer.pace
    step_ms = pace.step_ms if step is None else _duration("step", step)
    if not step_ms:
        raise InvalidError("step: a step of nothing.", "Write 1h, PT1H or a number of seconds from 0.001 on.")
    if now is not None:
        try:
            to_ms = read_instant(now)
        except (ValueError, OverflowError) as error:
            raise InvalidError(
                f"now: {error}.", "Write an instant with an offset: 2021-11-20T12:00:00+03:00."
            ) from error
        _advance(stage, to_ms)
    stage.pacer.set(Pace(mode or pace.mode, pace.rate if rate is None else rate, step_ms), stage.world)
    return get_clock(stage)


def advance_clock(stage: Stage, by: str | float) -> dict[str, Any]:
    """Let virtual time pass."""
    by_ms = _duration("by", by)
    before = write_instant(stage.world.now_ms)
    fired = _advance(stage, stage.world.now_ms + by_ms)
    return {"from": before, **get_clock(stage), "events": fired}


def _duration(name: str, written: str | float) -> int:
    try:
        return read_duration(written)
    except ValueError as error:
        raise InvalidError(f"{name}: {error}.", "Write 3d12h, P3DT12H or a number of seconds.") from error


def _advance(stage: Stage, to_ms: int) -> int:
    present_ms = stage.world.now_ms
    if to_ms < present_ms:
        raise ConflictError(
            f"{write_instant(to_ms)} is before the present, {write_instant(present_ms)}.",
            "Time moves only forward; POST /_apidouble/reset starts anew.",
        )
    if to_ms > END_MS:
        raise InvalidError(f"Virtual time ends at {write_instant(END_MS)}.", "Name an earlier instant.")
    return stage.advance(to_ms)


OPERATIONS: Mapping[str, Callable[..., Any]] = {
    "health": health,
    "getAuthority": get_authority,
    "reset": reset,
    "getClock": get_clock,
    "setClock": set_clock,
    "advanceClock": advance_clock,
}
