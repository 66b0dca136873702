"""A test into one that has a double: fixtures, activation, in-process doors, model tests.

After `serve` and `live`; before a user's test suite.
"""
