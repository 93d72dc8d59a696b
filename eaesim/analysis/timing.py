"""The main job: the effect of one dose of IVIG against the day it is given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from eaesim.analysis.setting import is_prediction
from eaesim.analysis.timingresult import DRAWN, ENDPOINTS_AROUND, Panel, Timing, adjuvant_words
from eaesim.endpoints import NO_MEMBER_ESTIMATE, Floats, dead_rule, member_draws, member_effect
from eaesim.endpoints import endpoint as find_endpoint
from eaesim.errors import NothingComputedError, ProtocolError, QuantityError, unknown_name
from eaesim.model import MECHANISMS, Rat, default_rat
from eaesim.protocol import Arm, Bolus, Immunisation, Infusion, Relapse
from eaesim.protocol.dose import STUDIED_DRUG, mechanism_text, parse_dose
from eaesim.protocol.induction import Induction
from eaesim.solver import Progress
from eaesim.study import Result, Study
from eaesim.study.membership import usual_count

AROUND = ("immunisation", "relapse", "both")
# The strain that a question is about where no rat is named.
STRAINS = {"immunisation": "lewis", "relapse": "da"}
DEFAULT_DAYS = tuple(range(-7, 15))
# Five for each of the 128 parameter sets: fewer make the interval too narrow.
DEFAULT_ANIMALS = 640
UNTIL = {"immunisation": 40, "relapse": 65}
RELAPSE_DAY = 35
NOT_INDUCED = "not induced"
_Members = npt.NDArray[np.int64]


def timing(
    rat: Rat | str | None = None,
    *,
    around: str = "both",
    dose: str | Bolus | Infusion | Sequence[str | Bolus | Infusion] = "1 g/kg",
    days: Iterable[float] = DEFAULT_DAYS,
    mechanism: str | Sequence[str] = "H1a",
    animals: int = DEFAULT_ANIMALS,
    seed: int = 1,
    members: int | None = None,
    dead: str = "score",
    endpoints: Sequence[str] = (),
    engine: str = "auto",
    workers: int | None = None,
    progress: Progress | None = None,
) -> Timing:
    """Simulate the effect of one dose against dosing day.

    Parameters
    ----------
    rat
        A `Rat`, the name of one, or the folder of a fit; by default ``lewis`` around immunisation and ``da``
        around relapse, and with both also ``da`` around immunisation: findings stand beside their own strain.
    around
        ``"immunisation"``, ``"relapse"`` or ``"both"``. A relapse is induced on day 35, once without and once
        with complete adjuvant; its effects are on the excess over the same rats not induced.
    dose
        One dose, or several to compare: text with a unit, `Bolus` or `Infusion`.
    days
        Dosing days relative to the induction.
    mechanism
        One mechanism setting, or several to compare; ``"all"`` is every single mechanism.
    animals, seed
        The rats, the same for every dosing day.
    members
        As in `Study.run`: parameter sets of the ensemble to which the rats belong in turn; by default 128, of
        fewer than 640 rats 64.
    dead
        How the dead are scored.
    endpoints
        Read beside the usual ones, such as ``"mean_score[0:30]"``: days of a window count from the first
        induction, around a relapse too (see `eaesim.endpoints.endpoint`).
    engine, workers, progress
        As in `Study.run`; progress counts the runs of all panels.

    Returns
    -------
    Timing
        Effects with 95 % intervals from a paired bootstrap over rats; of an ensemble, over members and rats,
        and beside them those of the rats alone.

    Raises
    ------
    EaesimError
        If a name, dose or day is not allowed.

    Examples
    --------
    >>> result = timing("lewis", around="immunisation", days=[0, 7], animals=3)
    >>> [float(effect) > 0.15 for effect in result.rows(result.panels[0])["effect"]]
    [True, False]
    """
    dead = dead_rule(dead)
    doses, dosing_days = _doses(dose), _days(days)
    studies = timing_studies(
        rat, around=around, dose=dose, days=dosing_days, mechanism=mechanism, endpoints=endpoints
    )
    others = tuple(dict.fromkeys(find_endpoint(name).name for name in endpoints))
    total = sum(len(study.design.arms) for each in studies.values() for study in each.values()) * animals
    panels: list[Panel] = []
    rows: list[dict[str, object]] = []
    reasons: list[str] = []
    draws: dict[tuple[object, ...], Floats] = {}
    before = 0
    for (place, _), by_mechanism in studies.items():
        results: dict[str, Result] = {}
        for name, study in by_mechanism.items():
            results[name] = study.run(
                animals=animals,
                seed=seed,
                members=usual_count(study.rat, animals) if members is None else members,
                dead=dead,
                courses=False,
                engine=engine,
                workers=workers,
                progress=_shifted(progress, before, total),
            )
            before += len(study.design.arms) * animals
            reasons += results[name].failures()
        for adjuvant in _adjuvants(place):
            own = {name: _panel(result, place, adjuvant) for name, result in results.items()}
            panels.append(next(iter(own.values())))
            for name, panel in own.items():
                for text, item in doses.items():
                    for day, setting in panel.settings(dosing_days, dose=item.amount).items():
                        found = _effects(results[name], panel, name, text, day, draws, others)
                        rows += [row | {"prediction": is_prediction(setting)} for row in found]
    if reasons and not any(row["animals"] for row in rows):
        raise NothingComputedError(f"no rat is left in any treated arm; the first failed: {reasons[0]}.")
    import pandas as pd

    return Timing(pd.DataFrame(rows), tuple(panels), animals, seed, dead, draws)


def timing_studies(
    rat: Rat | str | None,
    *,
    around: str,
    dose: str | Bolus | Infusion | Sequence[str | Bolus | Infusion],
    days: Iterable[float],
    mechanism: str | Sequence[str],
    endpoints: Sequence[str] = (),
) -> dict[tuple[str, str], dict[str, Study]]:
    """Return what `timing` runs by induction and rat, then by mechanism; its arguments, its errors.

    Each mechanism has its own, because it has its own members: those that the rows on treated rats support.
    """
    doses, mechanisms, dosing_days = _doses(dose), _mechanisms(mechanism), _days(days)
    asked = [(place, default_rat(STRAINS[place]) if rat is None else rat) for place in places(around)]
    if rat is None and around == "both":
        asked.insert(1, ("immunisation", default_rat(STRAINS["relapse"])))
    return {
        (place, str(one)): {
            name: _study(one, place, doses, name, dosing_days).reading(*endpoints) for name in mechanisms
        }
        for place, one in asked
    }


def places(around: str) -> tuple[str, ...]:
    """Return the inductions that doses are timed by.

    Raises
    ------
    UnknownNameError
        If it is none of `AROUND`.

    Examples
    --------
    >>> places("both")
    ('immunisation', 'relapse')
    """
    if around not in AROUND:
        raise unknown_name(around, "setting of around", AROUND)
    return AROUND[:2] if around == "both" else (around,)


def _doses(dose: str | Bolus | Infusion | Sequence[str | Bolus | Infusion]) -> dict[str, Bolus | Infusion]:
    given = _several(dose, (str, Bolus, Infusion), "a dose", "1 g/kg")
    doses: dict[str, Bolus | Infusion] = {}
    for item in given:
        parsed = item if isinstance(item, (Bolus, Infusion)) else parse_dose(item)
        if parsed.drug != STUDIED_DRUG or parsed.mechanism:
            raise ProtocolError(
                f"timing is asked of {STUDIED_DRUG}, and of the mechanisms given beside the dose; "
                f'"{parsed.text()}" names its own drug or mechanism.'
            )
        if doses.setdefault(parsed.text(), parsed) != parsed:
            raise ProtocolError(f'two doses read "{parsed.text()}"; ask for their routes one at a time.')
    if not doses:
        raise ProtocolError("there is no dose; give at least one, such as 1 g/kg.")
    return doses


def _mechanisms(mechanism: str | Sequence[str]) -> tuple[str, ...]:
    given = _several(mechanism, (str,), "a mechanism", "H1a")
    named = [name for item in given for name in (MECHANISMS if item == "all" else (item,))]
    if not named:
        raise ProtocolError('there is no mechanism; give at least one, such as H1a, or "all".')
    return tuple(dict.fromkeys(map(mechanism_text, named)))


def _several(given: Any, kinds: tuple[type, ...], what: str, example: str) -> list[Any]:
    items = [given] if isinstance(given, kinds) else list(given) if isinstance(given, Iterable) else [given]
    for item in items:
        if not isinstance(item, kinds):
            raise ProtocolError(f'{item!r} is not {what}; write for example "{example}".')
    return items


def _days(days: Iterable[float]) -> tuple[float, ...]:
    try:
        chosen = tuple(sorted({float(day) for day in days}))
    except (TypeError, ValueError, OverflowError) as error:
        raise QuantityError("a dosing day is not a number; give days such as range(-7, 15).") from error
    if not chosen:
        raise ProtocolError("there is no dosing day; give at least one, such as 0.")
    if not np.isfinite(chosen).all():
        raise QuantityError("a dosing day is not a finite number.")
    return chosen


def _shifted(progress: Progress | None, before: int, total: int) -> Progress | None:
    return None if progress is None else lambda done, _: progress(before + done, total)


def _adjuvants(around: str) -> tuple[str, ...]:
    return ("complete",) if around == "immunisation" else ("none", "complete")


def _inductions(around: str, adjuvant: str) -> tuple[Induction, ...]:
    first = Immunisation(day=0)
    return (first,) if around == "immunisation" else (first, Relapse(RELAPSE_DAY, adjuvant=adjuvant))


def _control_name(adjuvant: str) -> str:
    return f"control, {adjuvant_words(adjuvant)}"


def _arm_name(adjuvant: str, mechanism: str, dose: str, day: float) -> str:
    return f"{adjuvant_words(adjuvant)}, {mechanism}, {dose}, day {day:g}"


def _study(
    rat: Rat | str,
    around: str,
    doses: dict[str, Bolus | Infusion],
    mechanism: str,
    days: Sequence[float],
) -> Study:
    origin = 0 if around == "immunisation" else RELAPSE_DAY
    arms = []
    for adjuvant in _adjuvants(around):
        inductions = _inductions(around, adjuvant)
        arms.append(Arm(_control_name(adjuvant), inductions=inductions))
        arms += [
            Arm(
                _arm_name(adjuvant, mechanism, text, day),
                dose.at(day=origin + day),
                mechanism=mechanism,
                inductions=inductions,
            )
            for text, dose in doses.items()
            for day in days
        ]
    if around == "relapse":
        arms.append(Arm(NOT_INDUCED, inductions=(Immunisation(day=0),)))
    past = [day for day in days if origin + day > UNTIL[around]]
    if past:
        raise ProtocolError(
            f"day {past[0]:g} after {'relapse induction' if origin else around} lies past the end; "
            f"days up to {UNTIL[around] - origin} can be asked."
        )
    return Study(rat, until=UNTIL[around], arms=arms, mechanism=mechanism)


def _panel(result: Result, around: str, adjuvant: str) -> Panel:
    control = _control_name(adjuvant)
    if around == "immunisation":
        onset, (peak, _) = result.endpoint(control, "onset_day"), result.pair(control, control, "peak_score")
    else:
        onset = result.relapse_days(control) - RELAPSE_DAY
        peak, _, _ = _excess(result, control, control, "relapse_peak_score")
    return Panel(
        result.rat, around, adjuvant, onset=_mean(onset), control=_mean(peak), members=result.members
    )


def _pair(result: Result, arm: str, control: str, endpoint: str) -> tuple[Floats, Floats, _Members]:
    """Return treated and control, and the member of each rat."""
    return *result.pair(arm, control, endpoint), result.pair_member(arm, control, endpoint)


def _excess(result: Result, arm: str, control: str, endpoint: str) -> tuple[Floats, Floats, _Members]:
    """Return treated and control in excess of the same rats not induced, where all three have a value."""
    treated, untreated, spontaneous = (
        np.where(result.has_failed(name), np.nan, result.endpoint(name, endpoint, since=RELAPSE_DAY))
        for name in (arm, control, NOT_INDUCED)
    )
    kept = ~np.isnan(treated + untreated + spontaneous) & ~result.dead_before(RELAPSE_DAY)
    return (treated - spontaneous)[kept], (untreated - spontaneous)[kept], result.member[kept]


def _effects(
    result: Result,
    panel: Panel,
    mechanism: str,
    dose: str,
    day: float,
    draws: dict[tuple[object, ...], Floats],
    others: Sequence[str] = (),
) -> list[dict[str, object]]:
    """Return a row an endpoint, and put beside the others what the parameter sets' own effects may be."""
    arm, control = _arm_name(panel.adjuvant, mechanism, dose, day), _control_name(panel.adjuvant)
    rows = []
    for endpoint in dict.fromkeys((*ENDPOINTS_AROUND[panel.around], *others)):
        read = _pair if panel.around == "immunisation" else _excess
        treated, untreated, member = read(result, arm, control, endpoint)
        found = NO_MEMBER_ESTIMATE
        if not panel.empty:
            found = member_effect(treated, untreated, member=member, seed=result.seed)
        rows.append(
            {
                "rat": panel.rat.name,
                "mechanism": mechanism,
                "around": panel.around,
                "adjuvant": panel.adjuvant,
                "dose": dose,
                "day": day,
                "endpoint": endpoint,
                "treated": _mean(treated),
                "control": _mean(untreated),
                "effect": found.value,
                "effect_low": found.low,
                "effect_high": found.high,
                "animal_low": found.animal_low,
                "animal_high": found.animal_high,
                "animals": int((~np.isnan(treated)).sum()),
                "failed": int(_failed(result, arm, control, panel).sum()),
            }
        )
        if not panel.empty:
            key = tuple(rows[-1][name] for name in DRAWN)
            draws[key] = member_draws(treated, untreated, member=member, seed=result.seed)
    return rows


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def _failed(result: Result, arm: str, control: str, panel: Panel) -> npt.NDArray[np.bool_]:
    names = (arm, control, NOT_INDUCED) if panel.relapse else (arm, control)
    return np.asarray(np.any([result.has_failed(name) for name in names], axis=0))
