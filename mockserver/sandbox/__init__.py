"""Many partners' calls into answers of many worlds, each with keys and a clock of its own, kept in a store.

After `serve`, `stage`.

A call's way: `app` finds the key or the token in it and looks nothing up. `desk` gathers the calls of one turn of the
event loop. In one transaction of the store (`stores/`) it finds the tenants, locks their rows, lets each world in
memory (`worlds`, `living`) catch up with entries of other processes, answers the calls, and appends their
entries; when that is committed the answers go out (`serve/doors/delivery.py`: `Later`). `lobby` answers whom no world
answers, in nobody's.

An entry is a call, its answer, and when it came in virtual time; the world's file, its seed, its readings and the
entries rebuild the world. Wall time is the store's: a running clock is told it with each call, and what it made of that
stands in the entry. Keys and tokens are not kept (`keys`): calls are stored with the key of the world's own file, so
that an entry means the same in a fork, and a leaked store opens nothing.
"""
