"""Turn your own client into a model test: a state machine that drives it and compares it with the double's truth."""

try:
    import hypothesis  # noqa: F401
except ImportError as missing:
    raise ImportError(
        "apidouble.mockserver.testing.models needs hypothesis: pip install 'apidouble[test]'"
    ) from missing

from apidouble.mockserver.testing.models.adapters import Progress, QCommentAdapter, QQTubeAdapter
from apidouble.mockserver.testing.models.machine import ClientMistakeError
from apidouble.mockserver.testing.models.qcomment import QCommentStateMachine
from apidouble.mockserver.testing.models.qqtube import QQTubeStateMachine

__all__ = [
    "ClientMistakeError",
    "Progress",
    "QCommentAdapter",
    "QCommentStateMachine",
    "QQTubeAdapter",
    "QQTubeStateMachine",
]
