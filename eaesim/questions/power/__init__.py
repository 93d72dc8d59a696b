"""Number of animals in each arm that would show the effect."""
