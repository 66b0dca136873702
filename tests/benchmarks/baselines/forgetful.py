"""apidouble as if no request, no answer and no head ever came twice: the command line, without a memory."""

from apidouble.mockserver.commands.main import main
from apidouble.mockserver.domain.memory import Memory

if __name__ == "__main__":
    Memory.__setitem__ = lambda *_: None  # type: ignore[method-assign]
    main()
