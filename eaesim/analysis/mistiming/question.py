"""Not knowing when: doses too early and too late, and doses repeated to cover it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from eaesim.analysis.mistiming.distribution import Distribution, listed, normal, uniform
from eaesim.analysis.mistiming.maintenance import run_maintenance
from eaesim.analysis.mistiming.result import Mistiming
from eaesim.analysis.schedule.plan import ANTIBODIES, CLEARANCE
from eaesim.analysis.timing import timing
from eaesim.errors import NothingComputedError, ProtocolError, QuantityError
from eaesim.model import Rat, default_rat
from eaesim.protocol.dose import parse_dose
from eaesim.solver import Progress
from eaesim.study import load

DAYS = range(-21, 8)
INTERVALS = (2.0, 4.0, 7.0, 14.0, 21.0, 28.0)
_ADJUVANTS = ("none", "complete")


def mistiming(
    rat: Rat | str | None = None,
    *,
    dose: str = "1 g/kg",
    days: Iterable[float] = DAYS,
    distribution: Distribution | None = None,
    adjuvant: str = "none",
    intervals: Sequence[float] = INTERVALS,
    loss: float = 0.5,
    antibodies: float = CLEARANCE,
    mechanism: str = "H1a",
    animals: int = 320,
    seed: int = 1,
    members: int | None = None,
    progress: Progress | None = None,
) -> Mistiming:
    """Ask how much of the effect on a relapse is left when its day is not known.

    The effect is that of `eaesim.timing` around a relapse: on the excess of its peak score over the same rats
    not induced.

    Parameters
    ----------
    rat
        The rat; by default the DA rat.
    dose
        One dose, as text.
    days
        Days of the dose after the induction, negative before it.
    distribution
        When the relapse comes, around the day that is expected; by default normal with an SD of 3 days.
    adjuvant
        With which the relapse is induced.
    intervals
        Days between two doses of a maintenance.
    loss
        Share of the best-timed effect that a maintenance may lose in its worst phase.
    antibodies
        Clearance by antibodies against IgG, per day, with which maintenance is shown too.
    mechanism, animals, seed, members, progress
        As for `eaesim.timing`.

    Raises
    ------
    ProtocolError
        If the adjuvant is not known, a loss is no share, or an interval is below a day or above 28.
    NothingComputedError
        If the relapse is too mild to speak of an effect.

    Examples
    --------
    >>> found = mistiming(days=[-7, 0, 7], intervals=[14], animals=40)
    >>> found.best[0]
    0.0
    """
    if adjuvant not in _ADJUVANTS:
        raise ProtocolError(f'adjuvant = "{adjuvant}"; a relapse is induced with one of: none, complete.')
    if not 0 < loss < 1:
        raise ProtocolError(f"loss = {loss:g}; a share of the effect lies between 0 and 1.")
    if antibodies < 0:
        raise QuantityError(f"antibodies = {antibodies:g}; a clearance is 0 or more.")
    for interval in intervals:
        if not 1 <= interval <= 28:
            raise ProtocolError(f"an interval of {interval:g} days; doses repeat every 1 to 28 days.")
    named = default_rat("da") if rat is None else rat
    own = load(named) if isinstance(named, str) else named
    total = (1 + bool(intervals) + bool(intervals)) * 100

    def part(before: int) -> Progress | None:
        return progress and (lambda done, whole: progress(before * 100 + 100 * done // whole, total))

    shared: dict[str, Any] = {"animals": animals, "seed": seed, "members": members}
    curve = timing(
        own, around="relapse", dose=dose, days=days, mechanism=mechanism, progress=part(0), **shared
    )
    panel = next(each for each in curve.panels if each.adjuvant == adjuvant)
    if panel.empty:
        raise NothingComputedError(panel.reason)
    runs = {}
    for place, (name, clearance) in enumerate((("off", None), ("on", antibodies)), start=1):
        made = own if clearance is None else own.replace(**{ANTIBODIES: clearance})
        runs[name] = tuple(
            run_maintenance(
                made,
                parse_dose(dose),
                intervals=intervals,
                adjuvant=adjuvant,
                mechanism=mechanism,
                progress=part(place),
                **shared,
            )
            if intervals
            else ()
        )
    return Mistiming(
        timing=curve,
        panel=panel,
        dose=dose,
        distribution=distribution or normal(3.0),
        loss=loss,
        antibodies=antibodies,
        maintenance=runs,
    )


def table_settings(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of `mistiming` that a ``[mistiming]`` table gives.

    Raises
    ------
    ProtocolError
        If there is no such distribution.

    Examples
    --------
    >>> table_settings({"distribution": {"kind": "normal", "sd": 7.0}})["distribution"].title
    'normal, SD 7 days'
    """
    given = dict(table)
    if "distribution" in given:
        own = dict(given["distribution"])
        makers: dict[str, Any] = {"normal": normal, "uniform": uniform, "list": listed}
        make = makers[own.pop("kind")]
        try:
            given["distribution"] = make(**own)
        except TypeError as error:
            raise ProtocolError(f"the distribution of days is not whole: {error}.") from error
    return given
