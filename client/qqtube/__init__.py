"""QQTube v1: a method for each action, results as dataclasses, and what an order will cost."""

from apidouble.client.qqtube.api import QQTube

__all__ = ["QQTube"]
