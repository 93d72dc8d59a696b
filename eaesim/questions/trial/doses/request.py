"""Settings of dose finding in patients."""

from __future__ import annotations

from dataclasses import dataclass

from eaesim.protocol.kinds import Amounts, Days, amount, interval, listed
from eaesim.protocol.settings import Setting
from eaesim.questions.trial.relapsing import RelapsingRequest

INTERVAL = interval(7.0, 365.0)


@dataclass(frozen=True, kw_only=True)
class DosesRequest(RelapsingRequest):
    """Find the dose of IVIG for patients with relapsing-remitting multiple sclerosis.

    Every amount is given at every interval to the same patients, with the same attacks, as placebo is. Writes
    doses.csv (relapse rate, IgG in plasma, relapses prevented per patient-year and gram) and the figure.

    Examples
    --------
    >>> DosesRequest(amounts=["0.2 g/kg"], intervals=[28]).changed()
    {'amounts': ['0.2 g/kg'], 'intervals': [28.0]}
    """

    table = "doses"
    title = "Dose finding in relapsing-remitting patients"
    input = "nothing"

    amounts: Amounts = Setting(
        listed(amount("g/kg")), (0.05, 0.1, 0.2, 0.4, 0.8, 2.0), "Amounts of one infusion of IVIG."
    )
    intervals: Days = Setting(listed(INTERVAL), (7.0, 28.0, 56.0), "Days between two infusions.")
