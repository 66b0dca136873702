"""The life of the marketplace: authors come, write, are checked, rework, publish, without anybody calling.

This is the life of the marketplace, driven by timers only. `events.py` and the behaviours tell `notice.py` what
has happened; it sets timers, nothing else. For each project `arrivals.py` plans one work ahead: the first
instant that the limits (`limits.py`), an author (`eligibility.py`, `population.py`) and a page agree upon,
found by jumping from bound to bound; `work.py` is what becomes of the work, `texts.py` what one reads of it.
All that is random about a work comes from one digest of seed, project and number, so other projects change
nothing here, and limits are windows over instants that only grow. What it remembers is in `World.lives`. `make
bench-life` measures it: 100 projects with 100,000 works over 30 days take about six times what a bare heap
takes for as many events.
"""
