"""What each part of the model buys, in words."""

from __future__ import annotations

CAPTION = "How much less likely the published rows are without each part of the model."
METHODS = (
    "Each part was taken out of the model and all else estimated again, by sequential Monte Carlo from the "
    "posterior of the whole model; log evidence is that of the published rows against the whole model's, low "
    "and high the least and the most from a chain of the fit."
)
STEPS = "fits without a part"
