"""The calibration of a fit, in words."""

from eaesim.questions.fit.words import animals as animals

FOLDER = "fit-calibration"
STEPS = "data sets"
CAPTION = "Rank of the true value in its posterior; flat within the grey band where intervals are calibrated."
METHODS = (
    "Synthetic data sets with known truth were fitted like the published data, or a laboratory's own scores "
    "(simulation-based calibration): a 90 % interval should contain 90 % of the true values, and the "
    "rank of the true value in its posterior should be uniform."
)
