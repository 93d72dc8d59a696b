"""A laboratory's own scores, in words."""

from __future__ import annotations

CAPTION = "The laboratory's daily scores by arm, and the days of onset."
METHODS = (
    "Each arm is compared with the control by the tests that the tables name. P values are two-sided, and "
    "not corrected for how many there are."
)
