"""Tables as CSV, of which no cell is a formula to a spreadsheet."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

# A spreadsheet takes a text that begins like this for a formula, and runs it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
# Not a number with a sign, alone or before words that call nothing, such as "-1 day (median)".
_SIGNED = re.compile(r"[-+](\d+\.?\d*|\.\d+)(e[-+]?\d+)?(\s(?!.*\w\()[\w\s().,;:%<>/-]*)?", re.IGNORECASE)


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a table with commas; an index with a name is written as columns.

    A text that a spreadsheet would run as a formula, such as an arm named ``=cmd``, gets an apostrophe before
    it; numbers, and texts that begin with one, stay as they are.

    Parameters
    ----------
    frame
        The table.
    path
        The file.

    Examples
    --------
    >>> import pandas as pd, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_csv(pd.DataFrame({"arm": ["=1+1", "-3"], "mean": [-0.5, 2]}), Path(folder, "a.csv"))
    ...     print(Path(folder, "a.csv").read_text(encoding="utf-8"), end="")
    arm,mean
    '=1+1,-0.5
    -3,2.0
    """
    named = [name for name in frame.index.names if name is not None]
    shown = frame.reset_index() if named else frame.copy(deep=False)
    for place, kind in enumerate(shown.dtypes):
        if kind.kind not in "fiubM":
            shown.isetitem(place, [_harmless(value) for value in shown.iloc[:, place]])
    shown.columns = [_harmless(name) for name in shown.columns]
    shown.to_csv(path, index=False, lineterminator="\n")


def _harmless(value: object) -> object:
    if not isinstance(value, str) or not value.startswith(_FORMULA) or _SIGNED.fullmatch(value):
        return value
    return f"'{value}"
