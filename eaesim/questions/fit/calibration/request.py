"""Settings of the calibration of a fit."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from eaesim.errors import ProtocolError
from eaesim.estimation.budget import LIMITS
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
    """Fit synthetic data with known truth, and count how often the intervals contain it.

    Examples
    --------
    >>> CalibrationRequest(of="scores", data_sets=20).changed()
    {'data_sets': 20, 'of': 'scores'}
    """

    table = "calibration"
    title = "Are the intervals of the fit calibrated?"
    asked_by = "calibrate"

    data_sets: MaybeCount = Setting(
        optional(count(*LIMITS["data_sets"])),
        None,
        "Fit this many synthetic data sets with known truth; default: 40, or 100 for scores.",
        option="calibrate",
    )
    of: Text = Setting(
        choice("fit to calibrate", (ROWS, SCORES)),
        ROWS,
        "Fit that is calibrated: rows, that of published data; scores, that of a laboratory's own animals.",
    )
    ranks: Setting[str | Path | None, Path | None] = Setting(
        optional(_file()), None, "Ranks written earlier: these are drawn instead.", option=""
    )
