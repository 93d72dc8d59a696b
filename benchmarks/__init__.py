"""The package's own rat on its own engine and on everyone else's, at equal error."""
