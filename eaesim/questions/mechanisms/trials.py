"""What is simulated for each finding on rats that are given IVIG, and the same with another drug."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from eaesim.endpoints import Floats
from eaesim.errors import unknown_name
from eaesim.estimation.experiment import read_experiments
from eaesim.estimation.trial import AT_ONSET, Trial, run_arms, shortened, together
from eaesim.model import Drug, Parameter
from eaesim.model.pharmacy import load_drug
from eaesim.protocol import Bolus
from eaesim.protocol.dose import parse_dose
from eaesim.protocol.quantity import dose_text
from eaesim.questions.mechanisms.bench import Bench
from eaesim.solver import Progress

#: The dose of IVIG, in mg/kg, in whose place the whole dose of another drug is given.
WHOLE = 1000.0


def _trial(
    name: str, dose: str, day: float | str, endpoint: str, until: int | None = None, route: str = "iv"
) -> Trial:
    experiment = read_experiments()[name]
    return Trial(
        experiment if until is None else shortened(experiment, until), Bolus(dose, route=route), day, endpoint
    )


def finding_trials(doses: Mapping[str, str] | None = None) -> dict[str, Trial]:
    """Return what is simulated for each finding on treated rats.

    Where a paper does not state a dose, 1 g/kg is given; where it does not state the day of a therapeutic
    dose, each rat's first day with signs; recipients of cells are dosed on the day of transfer. A1 is read on
    the mean score of days 0 to 30: the paper says mean score, and gives no days.

    Parameters
    ----------
    doses
        What is given instead, by finding: a paper that states 1 g/kg may have given it in several infusions.

    Raises
    ------
    UnknownNameError, QuantityError
        If there is no such finding, or a dose cannot be read.

    Examples
    --------
    >>> finding_trials()["A5"].day
    7.0
    """
    trials = {
        "A1": _trial("da_immunised", "1 g/kg", 0.0, "mean_score", 30),
        "A4": _trial("lewis_immunised", "1 g/kg", 0.0, "peak_score", 24),
        "A3.peak_score": _trial("da_immunised", "1 g/kg", AT_ONSET, "peak_score", 30),
        "A3.cumulative_score": _trial("da_immunised", "1 g/kg", AT_ONSET, "cumulative_score", 30),
        "A3.cns_inflammation_peak": _trial("da_immunised", "1 g/kg", AT_ONSET, "cns_inflammation_peak", 30),
        "A3.demyelination_end": _trial("da_immunised", "1 g/kg", AT_ONSET, "demyelination_end", 30),
        "A5": _trial("lewis_immunised", "1 g/kg", 7.0, "peak_score", 24),
        "A6": _trial("lewis_transfer", "1 g/kg", 0.0, "peak_score", 14),
        "A7": _trial("lewis_immunised", "0.4 g/kg", 0.0, "peak_score", 24),
        "A8.clinical_score": _trial("lewis_immunised", "1 g/kg", 0.0, "peak_score", 24, "ip"),
    }
    for identity, text in (doses or {}).items():
        if identity not in trials:
            raise unknown_name(identity, "finding on treated rats", trials)
        trial = trials[identity]
        trials[identity] = replace(trial, dose=parse_dose(text, route=trial.dose.route))
    return trials


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
        controls = bench.controls(trials[group[0]].experiment.strain)
        by_mechanism = [
            run_arms(
                [_acting_by(trials[name], mechanism) for name in group],
                controls,
                controls.typical,
                drug_values=values,
            )
            for mechanism in mechanisms
        ]
        for name, *arms in zip(group, *by_mechanism, strict=True):
            found[name] = np.stack([dosed for dosed, _ in arms], axis=1), arms[0][1]
        if progress is not None:
            progress(done, len(groups))
    return found


def drug_values(drug: Drug, *, members: int, seed: int) -> Floats:
    """Draw the parameters of a drug for every parameter set, shape (members, parameters).

    Each parameter is stratified between its bounds, on the scale of its logarithm where these are above 0
    (assumed: a file says no more than its bounds). One parameter set has the values of the file.

    Parameters
    ----------
    drug
        The drug; what its file leaves without bounds is the same in every set.
    members, seed
        Number of parameter sets, and random seed.

    Examples
    --------
    >>> from eaesim.model.pharmacy import load_drug
    >>> drug_values(load_drug("late_acting"), members=1, seed=1).shape[0]
    1
    """
    entries = tuple(drug.parameters.values())
    if members == 1:
        return np.array([[entry.value for entry in entries]])
    random = np.random.default_rng([seed, *drug.name.encode()])
    columns = [_spread(entry, members, random) for entry in entries]
    return np.array(columns).reshape(len(entries), members).T


def _spread(entry: Parameter, members: int, random: np.random.Generator) -> Floats:
    share = (random.permutation(members) + random.random(members)) / members
    if entry.low == entry.high:
        return np.full(members, entry.value)
    if entry.low > 0:
        return np.asarray(entry.low * (entry.high / entry.low) ** share)
    return np.asarray(entry.low + (entry.high - entry.low) * share)
