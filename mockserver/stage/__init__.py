"""A world file and a scenario into a simulator whose clock moves and which answers every call.

After `gateway`; before `serve`.

A world is deterministic, so what it began with and its journal rebuild it. A capsule (`recording.py`) is the
stage's files, seed, readings and pace, the version of Faker, which has the words of texts and names, and every
entry since the last reset. An entry's time is when its call came, after the clock caught up or stepped; so a
replay advances to it and calls `Simulator.answer_now`, which leaves the clock alone, whatever its mode.
"""
