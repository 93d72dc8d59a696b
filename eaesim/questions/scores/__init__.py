"""Endpoints and statistics of your own daily scores."""
