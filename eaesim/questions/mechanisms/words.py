"""Mechanisms compared with the findings, in words."""

from __future__ import annotations

CAPTION = "Each mechanism compared with every published finding."
MORE_CAPTIONS = {"rows": "Every row of the evidence: share of parameter sets on its side, and its verdict."}
METHODS = (
    "Each mechanism gets its strength from the calibrating findings alone, in every parameter set; then it "
    "is compared with every finding: agrees, disagrees, inconclusive, or not comparable. A number is "
    "compared with the 90 % predictive interval, which must not contain the opposite finding too; words are "
    "judged by the share of parameter sets beyond an assumed threshold. Rows marked to validate were never "
    "fitted."
)
STEPS = "mechanisms and rows"
