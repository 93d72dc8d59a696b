"""Which mechanisms agree with the published findings."""
