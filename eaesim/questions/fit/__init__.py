"""Estimate the rats, or your own from daily scores: an ensemble."""
