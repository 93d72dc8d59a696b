"""Mechanisms beside the findings, in words."""

from __future__ import annotations

CAPTION = "Each mechanism beside every published finding."
MORE_CAPTIONS = {
    "rows": "Every row of the evidence: how many parameter sets are on its side, and its verdict."
}
METHODS = (
    "Each mechanism gets its strength from the calibrating findings alone, in every member; then it is held "
    "to every finding: agrees, disagrees, inconclusive, or not comparable. A number is held against the 90 % "
    "predictive interval, which must not hold the opposite finding too; words are judged by the share of "
    "parameter sets beyond an assumed threshold. Rows marked to validate were never fitted."
)
STEPS = "mechanisms and rows"
