"""The checked plan of a search for the best schedule."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from eaesim.endpoints import ENDPOINTS
from eaesim.endpoints import endpoint as find_endpoint
from eaesim.errors import ProtocolError, unknown_name
from eaesim.files import Content
from eaesim.model.pharmacy import load_drug
from eaesim.protocol.dose import STUDIED_DRUG
from eaesim.protocol.quantity import dose_text, number_text
from eaesim.questions.schedule.optimise.limits import LEAST, STEPS, Limits, volume_limit
from eaesim.questions.schedule.optimise.request import OptimiseRequest
from eaesim.study import Study, study_text
from eaesim.study.membership import chosen_members, member_settings
from eaesim.workbench.answer import StudyPlan

_LATE = "onset_day"


@dataclass(frozen=True)
class OptimisePlan(StudyPlan):
    """A search.

    Attributes
    ----------
    study
        The rat, its inductions and the last day.
    endpoint
        What is to be small, as named in tables.
    limits, smaller
        What a schedule may use, and with each of the other totals.
    request
        What was asked.
    """

    study: Study
    endpoint: str
    limits: Limits
    smaller: tuple[Limits, ...]
    request: OptimiseRequest

    def settings(self) -> dict[str, Content]:
        """Return everything that decides the result, as plain values."""
        asked = self.request
        return {
            "study": study_text(self.study, animals=asked.animals, seed=asked.seed),
            **asked.own(),
            "animals": asked.animals,
            "seed": asked.seed,
            **member_settings(self.study.rat, asked.parameter_sets),
        }

    def summary(self) -> str:
        """Return in a few words what would be done."""
        return (
            f"{dose_text(self.limits.total)} in all, at most {self.limits.doses} doses between day "
            f"{self.limits.earliest:g} and {self.limits.latest:g}"
        )


def plan_search(study: Study, request: OptimiseRequest) -> OptimisePlan:
    """Check what is to be searched.

    Raises
    ------
    UnknownNameError
        If the endpoint or the route is unknown.
    ProtocolError
        If nothing can be given within the limits, or they lie past the end.

    Examples
    --------
    >>> from eaesim.protocol import Arm
    >>> study = Study("lewis", until=30, arms=[Arm("vehicle")])
    >>> plan_search(study, OptimiseRequest(total="3 g/kg")).limits.latest
    28.0
    """
    limits = limits_of(study.design.until, request)
    chosen_members(study.rat, request.parameter_sets)
    smaller = tuple(replace(limits, total=budget) for budget in request.budgets)
    return OptimisePlan(study, _checked(request.endpoint, until=study.design.until), limits, smaller, request)


def limits_of(until: int, asked: OptimiseRequest) -> Limits:
    """Return the limits of a study that runs until a day.

    Raises
    ------
    UnknownNameError
        If the drug is not known, or not given by the route.
    ProtocolError
        If nothing can be given within the limits, or they lie past the end.
    """
    latest = until - 2.0 if asked.latest is None else asked.latest
    if latest > until:
        raise ProtocolError(
            f"the latest day, {number_text(latest)}, lies past the end; the study runs until day {until}."
        )
    routes = load_drug(asked.drug).routes
    if asked.route not in routes:
        raise unknown_name(asked.route, "route", routes)
    found = Limits(
        asked.total,
        asked.doses,
        asked.earliest,
        latest,
        asked.least,
        volume_limit(asked.volume, asked.drug),
        math.inf if asked.ceiling is None else asked.ceiling,
        asked.route,
    )
    if asked.drug == STUDIED_DRUG:
        return found
    if asked.ceiling is not None:
        raise ProtocolError(f"ceiling is one of IgG in plasma; it is not for {asked.drug}.")
    step = asked.total / STEPS
    # The usual smallest dose is one of IVIG.
    return replace(found, drug=asked.drug, step=step, least=step if asked.least == LEAST else asked.least)


def _checked(endpoint: str, *, until: int) -> str:
    """Return the name of the endpoint in tables, after checking that it can be made small."""
    found = find_endpoint(endpoint, until=until)
    if found.whole == _LATE:
        smaller = [name for name in ENDPOINTS if name != _LATE]
        raise unknown_name(endpoint, "endpoint to keep small", smaller)
    return found.name
