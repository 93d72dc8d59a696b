"""What is simulated for each finding on rats that are given IVIG."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from eaesim.errors import unknown_name
from eaesim.estimation.population import read_experiments
from eaesim.estimation.trial import AT_ONSET, Trial, shortened
from eaesim.protocol import Bolus
from eaesim.protocol.dose import parse_dose


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
