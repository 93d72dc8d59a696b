"""Estimating rats from published rows, or from a laboratory's own scores."""
