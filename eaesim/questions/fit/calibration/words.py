"""The calibration of a fit, in words."""

from __future__ import annotations

from eaesim.questions.fit.words import animals as animals

FOLDER = "fit-calibration"
STEPS = "data sets"
CAPTION = (
    "Where the truth stands in its posterior; flat within the grey band where intervals hold what they say."
)
METHODS = (
    "Synthetic data sets whose truth is known were estimated as the published rows, or a laboratory's own "
    "scores, are (simulation-based calibration): a 90 % interval should hold 90 % of the truths, and the "
    "rank of the truth in its posterior should be uniform."
)
