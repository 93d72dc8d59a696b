"""Mechanisms compared with the findings, in words."""

CAPTION = "Each mechanism compared with every published finding."
_ROWS = "share of parameter sets on the published side, and the verdict."
MORE_CAPTIONS = {
    "rows": f"Every reading that no fit has seen: {_ROWS}",
    "rows_2": f"Every reading that no fit has seen, continued: {_ROWS}",
    "rows_fitted": f"Every reading that was fitted: {_ROWS}",
    "rows_fitted_2": f"Every reading that was fitted, continued: {_ROWS}",
}
METHODS = (
    "Each mechanism gets its strength from the calibrating findings alone, in every parameter set; then it "
    "is compared with every finding: agrees, disagrees, inconclusive, or not comparable. A number is "
    "compared with the 90 % predictive interval, which must not contain the opposite finding too; words are "
    "judged by the share of parameter sets beyond an assumed threshold. Rows marked to validate were never "
    "fitted. Mechanisms of another drug than IVIG have the values of its file, spread over their bounds, and "
    "are compared with no finding."
)
STEPS = "mechanisms and rows"
