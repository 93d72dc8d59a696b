"""A laboratory's own rat, in words."""

from __future__ import annotations

FOLDER = "fit"
PICTURE = "courses"
STEPS = "rats tried"
CAPTION = "The control animals of a laboratory over the rat that was estimated from them."
METHODS = (
    "Parameter sets of the strain's ensemble, in laboratories of their own, were weighted by how likely each "
    "makes the control animals, every one as far as it was watched."
)
