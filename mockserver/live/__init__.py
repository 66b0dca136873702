"""Calls to the live services: permitted one by one, recorded under pseudonyms, compared with specs and simulator.

After `stage`.

`asking/line.py` is the one way out: it hands each request to `permit.py`, which reads it back from its own
bytes and lets go what the specs call safe (`x-safe`), or what a budget covers (`x-cost`, `asking/prices.py`),
and nothing that a service could read in another way. `asking/behaviours.py` says what can be seen by such
calls; the same assertions are put to the simulator, a recording or a service (`asking/asking.py`), so recording
is looking at them all. `recording/redaction.py` keeps of an exchange what the specs make public (`x-public`, an
enum, the words of the error catalogue) and gives everything else a pseudonym of the same shape, consistently
within a recording, so that it can be played and even be rebuilt as a world (`recording/equivalent.py`), in
which the simulator is asked the same. Only then does vcrpy write it. `judging/judgement.py` compares an answer
with its schema, node by node, each knowing its line.
"""
