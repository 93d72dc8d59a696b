"""Settings of a question about uncertain timing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Self

from eaesim.errors import ProtocolError, unknown_name
from eaesim.files import Content, Table, check_table, needed, within
from eaesim.model import default_rat
from eaesim.protocol.dose import parse_dose
from eaesim.protocol.kinds import (
    Amount,
    Count,
    Days,
    MaybeText,
    Share,
    Text,
    amount,
    choice,
    count,
    day,
    fraction,
    interval,
    listed,
    text,
)
from eaesim.protocol.quantity import days as read_days
from eaesim.protocol.settings import Kind, Setting
from eaesim.questions.schedule.mistiming.distribution import Distribution, normal, uniform
from eaesim.questions.schedule.mistiming.distribution import listed as listed_days
from eaesim.questions.schedule.request import CLEARANCE
from eaesim.study.cohort import MOST_ANIMALS
from eaesim.workbench.madestudy import MadeRat
from eaesim.workbench.request import RatRequest

_RAT = replace(
    MadeRat.settings()["rat"], help="Rat, or the folder of a fit, without a study file; default: da."
)
INTERVALS = (2.0, 4.0, 7.0, 14.0, 21.0, 28.0)
# By kind of distribution: what has to be said, and what may be.
_KINDS = {"normal": (("sd",), ("mean",)), "uniform": (("low", "high"), ()), "list": (("days",), ("weights",))}
_MAKERS: Mapping[str, Callable[..., Distribution]] = {
    "normal": normal,
    "uniform": uniform,
    "list": listed_days,
}

DistributionSetting = Setting[Distribution | Table, Distribution]


def _distribution() -> Kind[Distribution | Table, Distribution]:
    return Kind(
        read=_read_distribution,
        metavar="",
        schema={
            "type": "object",
            "properties": {"kind": {"enum": list(_KINDS)}},
            "required": ["kind"],
            "examples": [{"kind": "normal", "sd": 7}],
        },
        write=lambda value: dict(value.table),
    )


def _read_distribution(value: Distribution | Table, place: str) -> Distribution:
    if isinstance(value, Distribution):
        return value
    if not isinstance(value, Mapping):
        raise ProtocolError(
            f'{place} {value!r} is not a table; write for example {{ kind = "normal", sd = 7 }}.'
        )
    with within(place):
        kind = needed(value, "kind", "the distribution")
        if kind not in tuple(_KINDS):
            raise unknown_name(kind, "distribution of days", _KINDS)
        must, may = _KINDS[kind]
        own = {name: each for name, each in value.items() if name != "kind"}
        given = check_table(own, f"{kind} distribution", (*must, *may))
        for name in must:
            needed(given, name, "the distribution")
    return _MAKERS[kind](**{name: _numbers(each, f"{place} {name}") for name, each in given.items()})


def _numbers(value: Content, place: str) -> float | list[float]:
    if isinstance(value, list | tuple):
        return [read_days(each, what=place) for each in value]
    return read_days(value, what=place)


def _dose(value: str) -> str:
    parse_dose(value)
    return value


@dataclass(frozen=True, kw_only=True)
class MistimingRequest(MadeRat, RatRequest):
    """Compute how much of the effect on a relapse remains when its day is unknown.

    Writes mistiming.csv, uncertainty.csv, maintenance.csv and the figure.

    Examples
    --------
    >>> MistimingRequest(distribution={"kind": "normal", "sd": 7}).distribution.title
    'normal, SD 7 days'
    """

    table = "mistiming"
    title = "Uncertain timing of a dose"
    refused = {  # noqa: RUF012 - read only
        "drug": "it is not for an unknown day, which is asked of IVIG.",
        "dead": "it is not for an unknown day; the dead score 5.",
        "endpoint": "it is not for an unknown day, which reads the relapse's peak.",
    }

    rat: MaybeText = _RAT
    animals: Count = Setting(
        count(1, MOST_ANIMALS), 320, "Rats, the same in every arm; default: those of the study file."
    )
    dose: Text = Setting(text(_dose, metavar="DOSE"), "1 g/kg", "One dose.")
    days: Days = Setting(
        listed(day()),
        tuple(map(float, range(-21, 8))),
        "Days of the dose after the induction; default: -21 to 7.",
    )
    distribution: DistributionSetting = Setting(
        _distribution(), normal(3.0), "When the relapse comes, around the day that is expected.", option=""
    )
    adjuvant: Text = Setting(
        choice("adjuvant of a relapse", ("none", "complete")),
        "none",
        "Adjuvant of the relapse: none or complete.",
    )
    intervals: Days = Setting(
        listed(interval(1.0, 28.0), least=0), INTERVALS, "Days between two doses of a maintenance."
    )
    loss: Share = Setting(
        fraction(), 0.5, "Share of the best-timed effect that a maintenance may lose in its worst phase."
    )
    antibodies: Amount = Setting(
        amount("1/day"), CLEARANCE, "Clearance by antibodies against IgG with which maintenance is shown too."
    )
    mechanism: Text = Setting(
        text(), "H1a", "Mechanism of IVIG; in a file that of the study.", is_in_file=False, option=""
    )

    @property
    def named_rat(self) -> str:
        """The rat where there is no study."""
        return default_rat("da") if self.rat is None else self.rat

    def made(self) -> tuple[str, Self]:
        """Return the rat, which is all that is asked of a study but its mechanism, and the request of it."""
        return self.named_rat, self
