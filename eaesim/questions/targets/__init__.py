"""Which process a drug must hit, and from when."""
