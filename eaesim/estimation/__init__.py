"""Estimating rats from published data, or from a laboratory's own scores, and comparing studies with them."""
