"""What both vendors share and what knows neither: time, money, machines, calls. Pure: no I/O, no wall clock."""
