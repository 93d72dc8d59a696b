"""A study in words."""

PICTURE = "summary"
CAPTION = (
    "Mean clinical score of the living rats of every arm by day, the share alive below it, and endpoints by "
    "arm with 95 % intervals. Bands: what groups of so many rats show."
)
METHODS = (
    "Every arm was run with the same rats, and each treated arm is compared with the control rat by rat."
)
