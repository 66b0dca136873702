"""The log of calls, a line each: whatever a client sent is escaped in it, whoever handles the lines."""

import logging

from apidouble.mockserver.domain.shown import shown


class _Shown(logging.Filter):
    """Words each record at once, and as what may be shown."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass."""
        record.msg, record.args = shown(record.getMessage()), ()
        return True


log = logging.getLogger("apidouble.calls")
log.addFilter(_Shown())
