"""Days and amounts of the best schedule within limits."""
