"""A laboratory's own rat, in words."""

FOLDER = "fit"
PICTURE = "courses"
STEPS = "rats tried"
CAPTION = "The control animals of a laboratory over the rat that was estimated from them."
METHODS = (
    "Parameter sets of the strain's ensemble, each with its own laboratory, were weighted by the likelihood "
    "of the control animals, each for as long as it was observed."
)
