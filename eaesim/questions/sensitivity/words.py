"""A sensitivity analysis in words."""

CAPTION = "The unknowns with the largest influence on each output."
METHODS = (
    "All unknowns were varied together, by the design of Morris or of Sobol. Estimated parameters were "
    "drawn independently from the central 95 % of their posterior, the others between their bounds; all "
    "else is that of the typical rat. The same rats are used at every set of values. Intervals of indices "
    "are 95 % intervals from resampling trajectories or base samples; a ranking is given only where the two "
    "halves of the sample agree on it."
)
