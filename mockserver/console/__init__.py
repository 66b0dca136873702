"""A stage into pages that people look at and act with: what went wrong, the clock, calls, the world, faults, charts.

`create_console` makes a WSGI application over Guests (`seats.py`), who say what a token opens. Pages are rendered here;
the browser gets no script but the files in `static/`. Whatever a page does to the world is a call of the control plane,
so the journal has it. `pages/` holds a module for each part of the console, `views/` what makes plain values for them.
"""
