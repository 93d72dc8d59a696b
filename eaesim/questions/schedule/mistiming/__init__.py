"""Uncertain timing: the effect that remains when the day of the relapse is unknown."""
