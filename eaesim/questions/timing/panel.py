"""One curve family of a timing: a rat, what its doses are timed by, and with which adjuvant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eaesim.estimation.comparison import CALIBRATION_END
from eaesim.evidence.setting import Setting, tested
from eaesim.model import Rat
from eaesim.protocol.dose import STUDIED_DRUG

# A relapse that raises the controls' mean peak score by less leaves nothing to prevent.
LEAST_EXCESS = 0.5
ENDPOINTS_AROUND = {
    "immunisation": ("peak_score", "cumulative_score", "incidence", "mortality"),
    "relapse": ("relapse_peak_score", "relapse_cumulative_score", "relapse_incidence"),
}
# What A1 was read as where the strength of IVIG was set to it; read beside the others around immunisation.
CALIBRATED = f"mean_score[:{CALIBRATION_END}]"


@dataclass(frozen=True)
class Panel:
    """One curve family of the timing figure: a rat, what its doses are timed by, and with which adjuvant.

    Attributes
    ----------
    rat
        The rat.
    around
        ``"immunisation"`` or ``"relapse"``.
    adjuvant
        With that induction.
    onset
        Mean first day with signs of untreated rats, relative to that induction; NaN without signs.
    control
        Mean of the controls' peak score, for a relapse their excess over the same rats not induced.
    members
        How many parameter sets the rats belong to, in turn; 1 without an ensemble.
    drug
        The drug that is given.
    """

    rat: Rat
    around: str
    adjuvant: str
    onset: float
    control: float
    members: int = 1
    drug: str = STUDIED_DRUG

    @property
    def relapse(self) -> bool:
        """Whether doses are timed by the induction of a relapse, and effects are on its excess."""
        return self.around == "relapse"

    @property
    def prediction(self) -> bool:
        """Whether no experiment found has tested any of it."""
        return self.drug != STUDIED_DRUG or not tested(
            induction=self.around, adjuvant=self.adjuvant, strain=self.rat.strain
        )

    def settings(self, days: Sequence[float], *, dose: float) -> dict[float, Setting]:
        """Return what is done to the rats that are dosed on each day.

        The first dosing day that is not before the untreated rats' mean onset is a therapeutic one.

        Parameters
        ----------
        days
            Dosing days, relative to the induction.
        dose
            Amount of one dose, mg/kg.
        """
        late = min((day for day in days if day >= self.onset), default=None)
        return {
            day: Setting(
                strain=self.rat.strain,
                induction=self.around,
                adjuvant=self.adjuvant,
                drug=self.drug if dose else "",
                dose=dose,
                day=day,
                therapeutic=day == late,
            )
            for day in days
        }

    @property
    def endpoint(self) -> str:
        """The endpoint that is drawn and put in words."""
        return ENDPOINTS_AROUND[self.around][0]

    @property
    def empty(self) -> bool:
        """Whether there is too little disease for an effect to be read."""
        return self.relapse and not self.control >= LEAST_EXCESS

    @property
    def reason(self) -> str:
        """Why an empty panel gives no effect, in one sentence."""
        if np.isnan(self.control):
            return "no rat lives until the induction: no effect is given."
        return (
            f"induction raises the mean peak score of untreated rats by {self.control:.2f} only, "
            f"less than {LEAST_EXCESS:g}: no effect is given."
        )


def adjuvant_words(adjuvant: str) -> str:
    """Return an adjuvant in words.

    Examples
    --------
    >>> adjuvant_words("none")
    'no adjuvant'
    """
    return "no adjuvant" if adjuvant == "none" else f"{adjuvant} adjuvant"
