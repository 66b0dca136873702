"""Cassettes and answers into drift, a patch of the specs, a scorecard and their pages. After `recording`."""
