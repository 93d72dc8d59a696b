"""Settings of dose finding in patients."""

from __future__ import annotations

from dataclasses import dataclass

from eaesim.errors import QuantityError
from eaesim.protocol.kinds import Amounts, Days, amount, day, listed
from eaesim.protocol.quantity import days as read_days
from eaesim.protocol.quantity import number_text
from eaesim.protocol.settings import Kind, Setting
from eaesim.questions.trial.relapsing import RelapsingRequest

SHORTEST, LONGEST = 7.0, 365.0


def interval() -> Kind[float | str, float]:
    """Return the kind for days between two infusions.

    Examples
    --------
    >>> interval().read("4 week", "intervals")
    28.0
    """

    def read(value: float | str, place: str) -> float:
        found = read_days(value, what=place)
        if not SHORTEST <= found <= LONGEST:
            raise QuantityError(
                f"{place} {number_text(found)} is not from {SHORTEST:g} to {LONGEST:g} days between doses."
            )
        return found

    schema = {**day().schema, "minimum": SHORTEST, "maximum": LONGEST}
    return Kind(read=read, metavar="DAYS", schema=schema, from_text=day().from_text)


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
    intervals: Days = Setting(listed(interval()), (7.0, 28.0, 56.0), "Days between two infusions.")
