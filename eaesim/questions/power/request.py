"""Settings of a power analysis."""

from __future__ import annotations

from dataclasses import dataclass

from eaesim.endpoints import ENDPOINTS
from eaesim.errors import QuantityError
from eaesim.files import Content, Table
from eaesim.protocol.kinds import (
    Count,
    Counts,
    Flag,
    MaybeTexts,
    Share,
    Text,
    Texts,
    choice,
    count,
    flag,
    fraction,
    listed,
    optional,
    text,
)
from eaesim.protocol.settings import Kind, Setting
from eaesim.workbench.madestudy import MadeStudy
from eaesim.workbench.request import StudyRequest

MOST_ANIMALS, MOST_STUDIES, MOST_POOL = 1_000, 1_000_000, 1_000_000
_PER_DAY = "per day"

Dropout = Setting[float | str, float | str]


def read_dropout(value: Content, place: str = "dropout") -> tuple[float, bool]:
    """Read how many animals are lost: of all by the last day, or of those left on each day.

    Parameters
    ----------
    value
        A share from 0 to below 1, or a text: ``"10 %"``, ``"1 % per day"``, ``"0.01 per day"``.
    place
        For the message.

    Returns
    -------
    tuple
        The share, and whether it is lost every day.

    Raises
    ------
    QuantityError
        If it is neither, or is not from 0 to below 1.

    Examples
    --------
    >>> read_dropout(0.1), read_dropout("1 % per day")
    ((0.1, False), (0.01, True))
    """
    share = value
    words = " ".join(value.split()) if isinstance(value, str) else ""
    daily = words.endswith(_PER_DAY)
    if words:
        number = words.removesuffix(_PER_DAY).strip()
        try:
            share = float(number.removesuffix("%")) / (100.0 if number.endswith("%") else 1.0)
        except ValueError:
            share = None
    if isinstance(share, int | float) and not isinstance(share, bool) and 0 <= share < 1:
        return float(share), daily
    raise QuantityError(
        f'{place} {value!r} is not a share from 0 to below 1; write 0.1, "10 %" or "1 % per day".'
    )


def _dropout() -> Kind[float | str, float | str]:
    def read(value: float | str, place: str) -> float | str:
        read_dropout(value, place)
        return value

    schema: Table = {"type": ["number", "string"], "minimum": 0, "exclusiveMaximum": 1}
    return Kind(read=read, metavar="SHARE", schema=schema)


@dataclass(frozen=True, kw_only=True)
class PowerRequest(MadeStudy, StudyRequest):
    """Simulate many studies with virtual rats, and compute the sample size that would show the effect.

    Every arm of a study has its own rats, and each study uses one parameter set. Writes
    power.csv, needed.csv, expected.csv, paragraph.txt and the figure. A [power] table in the study file may
    give the settings; options override it. Without a file, --dose and --day make the study, an arm each
    beside untreated rats.

    Examples
    --------
    >>> PowerRequest(sizes=[5, 10], wanted=0.9).changed()
    {'sizes': [5, 10], 'wanted': 0.9}
    """

    table = "power"
    title = "How many animals a study needs"
    refused = {  # noqa: RUF012 - read only
        "animals": "use {sizes} for the animals in each arm to try, and {pool} for the virtual rats."
    }

    endpoints: Texts = Setting(
        listed(text(names=lambda: ENDPOINTS)),
        ("peak_score", "cumulative_score", "incidence", "onset_day"),
        "Endpoints: peak_score, cumulative_score, mean_score, incidence, onset_day or mortality, also with a "
        "window of days, such as cumulative_score[12:42]; the first decides.",
    )
    arms: MaybeTexts = Setting(
        optional(listed(text())), None, "Arms compared with the control; default: all."
    )
    sizes: Counts = Setting(listed(count(2, MOST_ANIMALS)), (5, 8, 10, 15, 20), "Animals in each arm to try.")
    studies: Count = Setting(count(100, MOST_STUDIES), 4_000, "Studies simulated for each size.")
    pool: Count = Setting(count(100, MOST_POOL), 20_000, "Virtual rats that the studies are drawn from.")
    wanted: Share = Setting(fraction(), 0.8, "Target power.")
    alpha: Share = Setting(fraction(), 0.05, "Level of each two-sided test.")
    dropout: Dropout = Setting(_dropout(), 0.0, 'Animals lost by the last day, "10 %", or "1 % per day".')
    correction: Text = Setting(
        choice("correction", ("none", "holm", "bonferroni")),
        "none",
        "Correction for several arms: none, holm or bonferroni.",
    )
    course: Flag = Setting(flag(), False, "Also fit an ordinal model to a typical study's whole course.")
