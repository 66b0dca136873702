"""Calls to the live services: permitted one by one, recorded under pseudonyms, compared with specs and simulator."""
