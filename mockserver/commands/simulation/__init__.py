"""A scenario and some days into figures, tables and a page of charts.

It drives a `stage.Simulator` as a customer would.
"""
