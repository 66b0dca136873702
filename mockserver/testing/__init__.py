"""Turn your own client into a model test: a state machine that drives it and compares it with the double's truth."""

try:
    import hypothesis  # noqa: F401
except ImportError as missing:
    raise ImportError("apidouble.mockserver.testing needs hypothesis: pip install 'apidouble[test]'") from missing

from apidouble.mockserver.testing.adapters import Progress, QCommentAdapter, QQTubeAdapter
from apidouble.mockserver.testing.machine import ClientMistakeError
from apidouble.mockserver.testing.qcomment import QCommentStateMachine
from apidouble.mockserver.testing.qqtube import QQTubeStateMachine

__all__ = [
    "ClientMistakeError",
    "Progress",
    "QCommentAdapter",
    "QCommentStateMachine",
    "QQTubeAdapter",
    "QQTubeStateMachine",
]
