"""Trials with another drug than IVIG: the same rats, days and read-outs, by each of its mechanisms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from eaesim.endpoints import Floats
from eaesim.estimation.drugsets import drug_values
from eaesim.estimation.trial import Trial, run_arms, together
from eaesim.model.pharmacy import load_drug
from eaesim.protocol.dose import parse_dose
from eaesim.protocol.quantity import dose_text
from eaesim.questions.mechanisms.bench import Bench
from eaesim.solver import Progress

#: The dose of IVIG, in mg/kg, in whose place the whole dose of another drug is given.
WHOLE = 1000.0


def with_drug(trial: Trial, dose: str, *, drug: str) -> Trial:
    """Return a trial of IVIG with another drug, of which it gives the same share of a dose.

    Parameters
    ----------
    trial
        What is simulated.
    dose, drug
        What is given in place of 1 g/kg of IVIG.

    Examples
    --------
    >>> from eaesim.questions.mechanisms.trials import finding_trials
    >>> with_drug(finding_trials()["A7"], "10 mg/kg every 1 day x 2", drug="methylprednisolone").dose.text()
    '4 mg/kg every 1 day x 2'
    """
    whole = parse_dose(dose)
    part = dose_text(whole.amount * trial.dose.amount / WHOLE)
    text = whole.text().replace(whole.dose, part, 1)
    return replace(trial, dose=parse_dose(text, drug=drug, route=trial.dose.route))


def _acting_by(trial: Trial, mechanism: str) -> Trial:
    dose = trial.dose
    return replace(trial, dose=parse_dose(dose.text(), drug=dose.drug, route=dose.route, mechanism=mechanism))


def given_by_its_routes(trials: Mapping[str, Trial], drug: str) -> dict[str, Trial]:
    """Return the trials whose route the drug has.

    Examples
    --------
    >>> from eaesim.questions.mechanisms.trials import finding_trials
    >>> left = {*finding_trials()} - {*given_by_its_routes(finding_trials(), "late_acting")}
    >>> sorted(left)
    []
    """
    routes = load_drug(drug).routes
    return {name: trial for name, trial in trials.items() if trial.dose.route in routes}


def simulate_trials(
    trials: Mapping[str, Trial],
    mechanisms: Sequence[str],
    bench: Bench,
    *,
    drug: str,
    seed: int,
    progress: Progress | None = None,
) -> dict[str, tuple[Floats, Floats]]:
    """Simulate trials with another drug than IVIG, acting by each mechanism in turn.

    Parameters
    ----------
    trials
        What is simulated, with the drug.
    mechanisms
        Mechanisms of the drug.
    bench
        The rats.
    drug
        The drug; its parameters are spread over the bounds of its file.
    seed
        Random seed of these parameters.
    progress
        Called with the number of groups of trials done and their total.

    Returns
    -------
    dict
        For each trial the treated rats, shape (members, mechanisms, rats), and the untreated,
        (members, rats).
    """
    values = drug_values(load_drug(drug), members=bench.members, seed=seed)
    found: dict[str, tuple[Floats, Floats]] = {}
    groups = together(trials)
    for done, group in enumerate(groups, start=1):
        strain = trials[group[0]].experiment.strain
        by_mechanism = [
            run_arms(
                [_acting_by(trials[name], mechanism) for name in group],
                bench.typical[strain],
                bench.typical[strain],
                entries=bench.rats[strain].entries,
                animals=bench.animals,
                seed=bench.seed,
                drug_values=values,
                workers=bench.workers,
            )
            for mechanism in mechanisms
        ]
        for name, *arms in zip(group, *by_mechanism, strict=True):
            found[name] = np.stack([dosed for dosed, _ in arms], axis=1), arms[0][1]
        if progress is not None:
            progress(done, len(groups))
    return found
