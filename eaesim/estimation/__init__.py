"""Estimating rats from published rows, or from a laboratory's own scores, and comparing studies with them."""
