"""Bytes in, bytes out: decoding forms as PHP does, encoding answers, and the doors to the gateway."""
