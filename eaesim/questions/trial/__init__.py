"""Clinical trials of IVIG, simulated at their published size."""
