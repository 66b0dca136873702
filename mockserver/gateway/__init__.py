"""A `Request` into a `Response`: bytes into parameters, their meaning, the vendor's behaviour, faults, bytes again.

After `vendors`.

Faults: deciding and performing are separate. A world's `Plan` (`domain/faults.py`) names the rule that is for a
call, before anything is carried out; a header or a reserved input may do so instead (`spec/faults.py` reads all
of them, and refuses what could never strike). The gateway then answers in the vendor's place (before) or
carries the call out and hands the answer to `spoil.py` (after). A Response that is to be late or cut off says
so in its `Delivery`. `serve/doors/delivery.py` hands it to the server through the WSGI environ, and
`serve/doors/wire.py` performs it when the lock is free again: a timer, half a body, or a reset of the
connection. Other WSGI servers cannot cut. A rule counts when it has struck. Its draws are keyed by its number
and that of the call. The journal's entry keeps the true answer and, in `fault`, what was sent.
"""
