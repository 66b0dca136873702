"""QComment 1.5: a method for each operation, results as dataclasses, the same from JSON and XML."""

from apidouble.client.qcomment.api import QComment

__all__ = ["QComment"]
