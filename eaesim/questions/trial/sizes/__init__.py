"""Size of the next trial: patients an arm for IVIG against placebo, a dose, and other drugs."""
