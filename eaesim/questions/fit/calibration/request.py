"""What is asked of a fit of data whose truth is known."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from eaesim.analysis.estimation.budget import LIMITS
from eaesim.errors import ProtocolError
from eaesim.protocol.kinds import MaybeCount, Text, choice, count, optional
from eaesim.protocol.quantity import shown
from eaesim.protocol.settings import Kind, Setting
from eaesim.questions.fit.request import RowsRequest

ROWS, SCORES = "rows", "scores"


def _file() -> Kind[str | Path, Path]:
    def read(value: object, place: str) -> Path:
        if not isinstance(value, str | Path) or not str(value).strip():
            raise ProtocolError(f"{place} {shown(value)} is not the name of a file.")
        return Path(value)

    return Kind(read=read, metavar="FILE", schema={"type": "string", "minLength": 1}, write=str)


@dataclass(frozen=True, kw_only=True)
class CalibrationRequest(RowsRequest):
    """Fit synthetic data whose truth is known, and see how often the intervals hold it.

    Examples
    --------
    >>> CalibrationRequest(of="scores", data_sets=20).changed()
    {'data_sets': 20, 'of': 'scores'}
    """

    table = "calibration"
    title = "Do the intervals of the fit hold what they say?"
    asked_by = "calibrate"

    data_sets: MaybeCount = Setting(
        optional(count(*LIMITS["data_sets"])),
        None,
        "Fit so many synthetic data sets whose truth is known; default: 40, of scores 100.",
        option="calibrate",
    )
    of: Text = Setting(
        choice("fit to calibrate", (ROWS, SCORES)),
        ROWS,
        "Fit that is calibrated: rows, that of published rows; scores, that of a laboratory's own animals.",
    )
    ranks: Setting[str | Path | None, Path | None] = Setting(
        optional(_file()), None, "Ranks that were written before: these are drawn instead.", option=""
    )
