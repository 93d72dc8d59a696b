"""What a timing analysis found: effects by dosing day, in a table and in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from eaesim.analysis.setting import Setting, tested
from eaesim.endpoints import Floats
from eaesim.errors import EaesimError
from eaesim.model import Rat
from eaesim.proportion import percent
from eaesim.protocol.dose import STUDIED_DRUG, parse_dose
from eaesim.study.membership import few_rats_notes

if TYPE_CHECKING:
    import pandas as pd

    from eaesim.analysis.estimation.lowend import LowEnd

# The columns by which draws are found.
DRAWN = ("rat", "around", "adjuvant", "mechanism", "dose", "day", "endpoint")
# A relapse that raises the controls' mean peak score by less leaves nothing to prevent.
LEAST_EXCESS = 0.5
SMALL_EFFECT = 0.15
ENDPOINTS_AROUND = {
    "immunisation": ("peak_score", "cumulative_score", "incidence", "mortality"),
    "relapse": ("relapse_peak_score", "relapse_cumulative_score", "relapse_incidence"),
}


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
    """

    rat: Rat
    around: str
    adjuvant: str
    onset: float
    control: float
    members: int = 1

    @property
    def relapse(self) -> bool:
        """Whether doses are timed by the induction of a relapse, and effects are on its excess."""
        return self.around == "relapse"

    @property
    def prediction(self) -> bool:
        """Whether no experiment found has tested any of it."""
        return not tested(induction=self.around, adjuvant=self.adjuvant, strain=self.rat.strain)

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
                drug=STUDIED_DRUG if dose else "",
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


@dataclass(frozen=True, repr=False)
class Timing:
    """The effect of one dose against the day it is given.

    Attributes
    ----------
    table
        The columns of ``timing.csv``.
    panels
        What was simulated.
    animals, seed, dead
        How many rats, which, and how the dead were scored.
    draws
        What the parameter sets' own effects may be, by the columns `DRAWN` of a row of the table; empty for
        rows of the typical rat.
    """

    table: pd.DataFrame
    panels: tuple[Panel, ...]
    animals: int
    seed: int
    dead: str
    draws: Mapping[tuple[object, ...], Floats] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Return the result in words; `table` has the rest."""
        return f"Timing({len(self.panels)} panels, {self.animals} rats, seed {self.seed}): {self.sentence()}"

    def rows(self, panel: Panel, *, endpoint: str | None = None) -> pd.DataFrame:
        """Return the rows of one panel and endpoint (its own by default), days ascending."""
        table = self.table
        chosen = (
            (table["rat"] == panel.rat.name)
            & (table["around"] == panel.around)
            & (table["adjuvant"] == panel.adjuvant)
            & (table["endpoint"] == (endpoint or panel.endpoint))
        )
        return table[chosen]

    def notes(self) -> list[str]:
        """Return a line for each thing to know: panels without an effect, large volumes, too few rats."""
        large = [
            text for dose in self.table["dose"].unique() for text in parse_dose(dose).at(day=0).warnings()
        ]
        empty = [
            f"{panel.rat.name}, relapse with {adjuvant_words(panel.adjuvant)}: {panel.reason}"
            for panel in self.panels
            if panel.empty
        ]
        few = few_rats_notes(self.animals, max(panel.members for panel in self.panels))
        return [*large, *few, *empty]

    def sentence(self) -> str:
        """Return the result in plain sentences, a line for each panel, mechanism and dose."""
        return "\n".join(self.lines()) or "No effect could be computed."

    def low_end(self) -> LowEnd | None:
        """Return what the low end of the effect of 1 g/kg at immunisation rests on, where that was asked.

        It is known of rats with an ensemble whose calibrating findings were fitted in both strains.
        """
        from eaesim.analysis.estimation.ensembles import read_ensembles
        from eaesim.analysis.estimation.lowend import low_end

        for panel in self.panels:
            rows = self.rows(panel)
            asked = rows[(rows["dose"] == "1 g/kg") & (rows["day"] == 0)]
            if panel.relapse or panel.members < 2 or panel.rat.changes or not len(asked):
                continue
            try:
                fitted = panel.rat.ensemble
                ensembles = read_ensembles(Path(fitted)) if fitted else read_ensembles(rats=[panel.rat.name])
                return low_end(asked["mechanism"].iloc[0], ensembles, strain=panel.rat.strain)
            except EaesimError:  # an ensemble of one strain alone, or of a laboratory
                continue
        return None

    def lines(self) -> list[str]:
        """Return the effect at the induction, the best day and the last one, a line a mechanism and dose."""
        return [
            f"{text[:1].upper()}{text[1:]}."
            for panel in self.panels
            if not panel.empty
            for _, rows in self.rows(panel).groupby(["mechanism", "dose"], sort=False)
            if (text := self._words(panel, rows))
        ]

    def _words(self, panel: Panel, first: pd.DataFrame) -> str:
        at = first.iloc[(first["day"].abs()).argmin()]
        if np.isnan(at["effect"]):
            return ""
        when = "at" if at["day"] == 0 else f"{abs(at['day']):g} d {'after' if at['day'] > 0 else 'before'}"
        relapse = f"relapse induction with {adjuvant_words(panel.adjuvant)}"
        event = relapse if panel.relapse else "immunisation"
        low, high = at["effect_low"], at["effect_high"]
        interval = f" (95 % interval {percent(low)} to {percent(high)})" if high > low else ""
        if low == high:  # resampling rats that do not differ says nothing of how sure this is
            interval = f" (in each resample of {at['animals']} rats, so no interval)"
        text = (
            f"{'predicted: ' if panel.prediction else ''}in {panel.rat.name} under {at['mechanism']}, "
            f"{at['dose']} {when} {event} reduces the {'excess ' if panel.relapse else ''}peak score by "
            f"{percent(at['effect'])}{interval}{_best_words(first, at)}"
        )
        # The first day after the last one with more than a small effect.
        late = first[first["day"] > first[~(first["effect"] < SMALL_EFFECT)]["day"].max()]
        if len(late):
            text += f", from day {late['day'].iloc[0]:g} on less than {percent(SMALL_EFFECT)}"
        return text


def _best_words(rows: pd.DataFrame, at: pd.Series) -> str:
    """Return on which day the effect is largest, of those that were simulated."""
    if len(rows) < 2 or rows["effect"].isna().all() or not rows["effect"].max() > SMALL_EFFECT:
        return ""
    best = rows.iloc[int(np.nanargmax(rows["effect"].to_numpy()))]
    if best["day"] == at["day"]:
        return ", more than on any other day tried"
    return f"; the best day tried is {best['day']:g}, with {percent(best['effect'])}"


def adjuvant_words(adjuvant: str) -> str:
    """Return an adjuvant in words.

    Examples
    --------
    >>> adjuvant_words("none")
    'no adjuvant'
    """
    return "no adjuvant" if adjuvant == "none" else f"{adjuvant} adjuvant"
