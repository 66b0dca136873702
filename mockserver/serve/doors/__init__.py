"""Bytes of HTTP into a `Request`, and a `Response` into bytes: our server, the WSGI fast lane and Flask's routes."""
