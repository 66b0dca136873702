"""Journal entries, as they are written, into what a run has reached of the contract, and reports of it.

A journal's observers see every entry as it is written; a stage gives each of its worlds the same `Recorder`, so
that neither a full journal nor a reset loses anything. It folds entries into points (dimension, vendor, place,
name), each never, forced or natural; the greater wins, so merging is commutative, associative and idempotent.
What there is to reach comes from the specs (`universe.py`). A move is forced when a call that sets statuses
fired it (`Move.forced`), and what a call reaches that a fault struck. `testing/pytest_plugin.py` installs a
`Collector`, which sees every stage of its process; workers of xdist hand theirs to the controller.
"""
