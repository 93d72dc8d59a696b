"""Your own rat, from your own daily scores."""
