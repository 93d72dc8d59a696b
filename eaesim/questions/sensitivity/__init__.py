"""Which unknowns decide an endpoint, or the effect of a dose."""
