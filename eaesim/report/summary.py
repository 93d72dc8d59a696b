"""The result of one study in a sentence, read back from its table of means."""

from __future__ import annotations

from eaesim.report.folder import RunFolder
from eaesim.report.tables import read_rows

_ENDPOINT = "peak_score"
_NUMBERS = ("difference", "difference_low", "difference_high", "mean")


def summary_sentence(run: RunFolder) -> str:
    """Return which arm of ``summary.csv`` differs most from the control in its peak score; else ``""``.

    Raises
    ------
    FileError
        If the table cannot be read.
    """
    file = next((file for file in run.files if file.name == "summary.csv"), None)
    if file is None:
        return ""
    head, *rows = read_rows(file)
    if not {"arm", "endpoint", *_NUMBERS} <= set(head):
        return ""
    shown = [dict(zip(head, row, strict=True)) for row in rows]
    shown = [row for row in shown if row["endpoint"] == _ENDPOINT and all(row[name] for name in _NUMBERS)]
    try:
        found = [(row["arm"], [float(row[name]) for name in _NUMBERS]) for row in shown]
    except ValueError:
        return ""
    # The control differs from itself by nothing.
    found = [(arm, numbers) for arm, numbers in found if any(numbers[:3])]
    if not found:
        return ""
    arm, (difference, low, high, mean) = max(found, key=lambda one: abs(one[1][0]))
    return (
        f'Of the treated arms, "{arm}" differs most from the control: its mean peak score is {mean:.2f}, '
        f"a difference of {difference:.2f} (95 % interval {low:.2f} to {high:.2f})."
    )
