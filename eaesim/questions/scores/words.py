"""A laboratory's own scores, in words."""

CAPTION = (
    "The laboratory's daily scores: every animal and the mean of the living by arm, and below it the share "
    "alive and the share without signs."
)
METHODS = (
    "Each arm is compared with the control by the tests that the tables name. P values are two-sided, and "
    "not corrected for how many there are."
)
