"""A study in words."""

from __future__ import annotations

PICTURE = "summary"
CAPTION = "Mean daily clinical score of every arm, and one endpoint by arm, with 95 % intervals."
METHODS = (
    "Every arm was run with the same rats, and each treated arm is compared with the control rat by rat."
)
