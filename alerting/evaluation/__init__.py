"""Evaluation: what rules ask, what their answers make of their instances, and who of several nodes does it."""
