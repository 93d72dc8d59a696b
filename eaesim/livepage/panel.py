"""Panels of a page: an induction, and what is published on the effect of a dose by its day."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from eaesim.endpoints import endpoint
from eaesim.files import Content
from eaesim.protocol import Arm, Immunisation, Relapse
from eaesim.protocol.induction import Induction
from eaesim.protocol.timeline import Event, induction_events
from eaesim.questions.timing.figurepublished import has_own_reading, published, undrawn
from eaesim.questions.timing.panel import CALIBRATED, LEAST_EXCESS, Panel, adjuvant_words
from eaesim.questions.timing.request import TimingRequest
from eaesim.questions.timing.result import Timing
from eaesim.solver import System
from eaesim.study import Study, study_text
from eaesim.workbench.figure.effect import Number, Statement
from eaesim.workbench.madestudy import RELAPSE_DAY, UNTIL

#: Endpoints of a curve, by what the page calls them.
CURVES = {
    "immunisation": {"mean": CALIBRATED, "peak": "peak_score", "ill": "incidence"},
    "relapse": {"peak": "relapse_peak_score", "ill": "relapse_incidence"},
}
#: Signs that a dose can wait for, by the induction that is looked at.
SIGNS = {"immunisation": ("onset", "relapse"), "relapse": ("relapse",)}


def panel_name(panel: Panel) -> str:
    """Return the name of a panel in addresses."""
    return f"relapse-{panel.adjuvant}" if panel.relapse else "immunisation"


def panel_table(panel: Panel, *, system: System, request: TimingRequest) -> dict[str, Content]:
    """Return what a page needs of a panel.

    Parameters
    ----------
    panel
        Panel of a timing of IVIG.
    system
        Equations, which number states and parameters.
    request
        What is asked of the animals.
    """
    inductions = _inductions(panel)
    drawn = CALIBRATED if has_own_reading(panel) else panel.endpoint
    names = CURVES[panel.around]
    title = f"relapse, {adjuvant_words(panel.adjuvant)}" if panel.relapse else "immunisation"
    window = endpoint(CALIBRATED).window
    return {
        "title": title,
        "event": "relapse induction" if panel.relapse else "immunisation",
        "isRelapse": panel.relapse,
        "isAttack": False,
        "isPrediction": panel.prediction,
        "origin": RELAPSE_DAY if panel.relapse else 0,
        "until": UNTIL[panel.around],
        "days": [int(day) for day in request.days],
        "signs": SIGNS[panel.around],
        "meanUntil": 0 if window is None else window.last,
        "events": events_table(induction_events(inductions), system),
        "without": events_table(induction_events([Immunisation(day=0)]), system) if panel.relapse else None,
        "onset": finite(panel.onset),
        "leastExcess": LEAST_EXCESS,
        "drawn": next(short for short, name in names.items() if name == drawn),
        "curves": {short: endpoint(name).title for short, name in names.items()},
        "published": {short: _published(panel, name) for short, name in names.items()},
        "undrawn": undrawn(panel),
        "study": _study_head(panel, inductions, request),
    }


def _inductions(panel: Panel) -> tuple[Induction, ...]:
    again = (Relapse(RELAPSE_DAY, adjuvant=panel.adjuvant),) if panel.relapse else ()
    return (Immunisation(day=0), *again)


def events_table(events: Sequence[Event], system: System) -> list[Content]:
    """Return events with states and parameters by number.

    Examples
    --------
    >>> from eaesim.study.assembly import SYSTEM
    >>> found = events_table(induction_events([Immunisation()]), SYSTEM)[0]
    >>> found["day"], found["state"], found["divisor"]
    (0.0, 0, None)
    """
    return [
        {"day": event.day, "amount": event.amount} | place(event.state, event.factor, event.divisor, system)
        for event in events
    ]


def place(state: str, factor: str | None, divisor: str | None, system: System) -> dict[str, Content]:
    """Return a state and the parameters of an amount by number."""
    names = system.parameters._fields
    return {
        "state": system.state._fields.index(state),
        "factor": None if factor is None else names.index(factor),
        "divisor": None if divisor is None else names.index(divisor),
    }


def _study_head(panel: Panel, inductions: Sequence[Induction], request: TimingRequest) -> str:
    """Return the study file of an untreated arm, to which the page adds the treated one."""
    until = UNTIL[panel.around]
    study = Study(panel.rat, until=until, inductions=inductions, arms=[Arm("untreated")], mechanism="none")
    text = study_text(study, animals=request.animals, seed=request.seed)
    # The page is passed on, so it does not name a folder of its author.
    return text.replace(f'rat = "{panel.rat.ensemble}"', f'rat = "{panel.rat.name}"')


def _published(panel: Panel, name: str) -> dict[str, Content]:
    numbers, statements = published(panel, name)
    return {
        "numbers": [_number(one) for one in numbers],
        "statements": [_statement(one) for one in statements],
    }


def _number(one: Number) -> dict[str, Content]:
    return {
        "id": one.id,
        "day": one.day,
        "value": one.value,
        "low": finite(one.low),
        "high": finite(one.high),
        "label": one.label,
        "isFitted": one.is_fitted,
    }


def _statement(one: Statement) -> dict[str, Content]:
    return {
        "ids": one.ids.split("--"),
        "first": one.first,
        "last": finite(one.last),
        "isProtected": one.is_protected,
        "label": one.label,
        "isFitted": one.is_fitted,
    }


def intervals(timing: Timing, panel: Panel, *, acting: str) -> Mapping[str, Content]:
    """Return the package's own effects with their 95 % intervals, by endpoint and day.

    Parameters
    ----------
    timing, panel
        A timing and one of its panels.
    acting
        Mechanism, or the drug that acts as a whole.
    """
    found: dict[str, Content] = {}
    for short, name in CURVES[panel.around].items():
        rows = timing.rows(panel, endpoint=name)
        rows = rows[rows["mechanism"] == acting]
        found[short] = [
            {"day": day, "effect": finite(effect), "low": finite(low), "high": finite(high)}
            for day, effect, low, high in zip(
                rows["day"], rows["effect"], rows["effect_low"], rows["effect_high"], strict=True
            )
        ]
    return found


def finite(value: float) -> float | None:
    """Return a number, or None where there is none."""
    return float(value) if math.isfinite(value) else None
