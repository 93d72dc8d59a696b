"""A sensitivity analysis in words."""

from __future__ import annotations

CAPTION = "Which unknowns decide, the strongest first, and how the indices settled as the sample grew."
METHODS = (
    "All unknowns were varied together, by the design of Morris or of Sobol. Estimated parameters were "
    "drawn from the middle 95 % of their posterior, each on its own, the others between their bounds; what "
    "is not varied is that of the typical rat. The same rats stand at every set of values. Intervals of "
    "indices hold 95 % and come from resampling trajectories or base samples; a ranking is given only where "
    "the two halves of the sample agree on it."
)
