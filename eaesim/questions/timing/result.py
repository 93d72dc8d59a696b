"""What a timing found: effects by dosing day, in a table, beside published findings and in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import DEAD_RULES, Floats
from eaesim.endpoints.living import Living
from eaesim.errors import EaesimError
from eaesim.estimation.comparison import NOTHING, Group, Groups, Seen, compare, comparison_summary
from eaesim.evidence.setting import PREDICTION, Setting
from eaesim.model.pharmacy import load_drug
from eaesim.proportion import percent
from eaesim.protocol.dose import STUDIED_DRUG, parse_dose
from eaesim.questions.timing.figurepublished import undrawn
from eaesim.questions.timing.panel import ENDPOINTS_AROUND, Panel, adjuvant_words
from eaesim.study.membership import few_rats_notes
from eaesim.workbench.answer import Answer, Cell, Shown
from eaesim.workbench.figure.words import sentence_case

if TYPE_CHECKING:
    import pandas as pd

    from eaesim.estimation.lowend import LowEnd

Draws = dict[tuple[Cell, ...], Floats]
# The columns by which draws are found.
DRAWN = ("rat", "around", "adjuvant", "mechanism", "dose", "day", "endpoint")
SMALL_EFFECT = 0.15


@dataclass(frozen=True)
class ArmCourse:
    """The course of the living of one arm.

    Attributes
    ----------
    name
        Of the arm.
    days
        Of the scores.
    doses
        Days of the doses.
    living
        The scores of the living, and who is alive.
    """

    name: str
    days: Floats
    doses: tuple[float, ...]
    living: Living


@dataclass(frozen=True, repr=False)
class Timing(Answer):
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
    courses
        The untreated rats, a dose at immunisation and a late one; empty where several mechanisms or doses
        were asked, or nothing around immunisation.

    Examples
    --------
    >>> from eaesim import timing
    >>> result = timing("lewis", induction="immunisation", days=[0], animals=2, parameter_sets=1)
    >>> sorted(result.tables())
    ['comparison', 'timing']
    """

    table: pd.DataFrame
    panels: tuple[Panel, ...]
    animals: int
    seed: int
    dead: str
    draws: Draws = field(default_factory=dict)
    courses: tuple[ArmCourse, ...] = ()

    def __repr__(self) -> str:
        """Return the result in words; `table` has the rest."""
        return f"Timing({len(self.panels)} panels, {self.animals} rats, seed {self.seed}): {self.sentence()}"

    def rows(self, panel: Panel, *, endpoint: str | None = None) -> pd.DataFrame:
        """Return the rows of one panel and endpoint (its own by default), days ascending."""
        rows = self._of(panel)
        return rows[rows["endpoint"] == (endpoint or panel.endpoint)]

    def _of(self, panel: Panel) -> pd.DataFrame:
        table = self.table
        is_own = (table["rat"] == panel.rat.name) & (table["around"] == panel.around)
        return table[is_own & (table["adjuvant"] == panel.adjuvant)]

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by the names of their CSV files; what the low end rests on where it is known."""
        rest = {} if self.low_end is None else {"low_end": self.low_end.table}
        return {"timing": self.table, **rest, "comparison": self._comparison.copy()}

    @cached_property
    def _comparison(self) -> pd.DataFrame:
        """The comparison with published findings, which both the table and the terminal take."""
        return compare(self)

    def shown(self) -> list[Shown]:
        """Return what the terminal prints."""
        unseen = dict.fromkeys(text for panel in self.panels if (text := undrawn(panel)))
        lines = [
            f"{self.animals} rats, the same on every dosing day; {DEAD_RULES[self.dead]}.",
            f"Against published findings: {comparison_summary(self._comparison)}",
            *unseen,
        ]
        return [Shown(note="\n".join(lines))]

    def closing(self) -> list[str]:
        """Return what the low end of the effect rests on."""
        return [] if self.low_end is None else [self.low_end.words()]

    def compared(self) -> tuple[Groups, tuple[str, ...]]:
        """Return the curves that findings on IVIG are held against, and the endpoints that are read."""
        curves: Groups = {}
        for panel in self.panels:
            rat = panel.rat
            if panel.prediction:
                name = f"{rat.name}, {panel.around}, adjuvant: {panel.adjuvant}"
                setting = Setting(strain=rat.strain, apart=PREDICTION)
                curves[name] = [Group(name, name, setting, lambda *_: NOTHING)]
                continue
            for (mechanism, dose), curve in self._of(panel).groupby(["mechanism", "dose"], sort=False):
                place = f"relapse, adjuvant: {panel.adjuvant}, " if panel.relapse else ""
                name = f"{rat.name}, {place}{mechanism}, {dose}"
                settings = panel.settings(sorted(set(curve["day"])), dose=parse_dose(str(dose)).amount)
                curves[name] = [
                    Group(
                        name,
                        f"{name}, day {day:g}",
                        setting,
                        partial(self._read, panel, curve[curve["day"] == day]),
                    )
                    for day, setting in settings.items()
                ]
        return curves, tuple(chain.from_iterable(ENDPOINTS_AROUND.values()))

    def _read(self, panel: Panel, rows: pd.DataFrame, endpoint: str, kind: str) -> Seen:
        """Return the effect on an endpoint on one dosing day; a timing keeps no values of single groups."""
        rows = rows[rows["endpoint"] == endpoint]
        if kind == "value" or not len(rows):
            return NOTHING
        row = rows.iloc[0]
        draws = self.draws.get(tuple(row[name] for name in DRAWN), np.empty(0))
        return Seen(float(row["effect"]), draws, panel.members)

    def notes(self) -> list[str]:
        """Return a line for each thing to know: failures, large volumes, too few rats, empty panels."""
        failed = int(self.table["failed"].max())
        lost = f"{failed} of {self.animals} rats failed in some arm and were left out of its pairs."
        doses = [parse_dose(dose, drug=self.panels[0].drug) for dose in self.table["dose"].unique()]
        large = [text for dose in doses for text in dose.at(day=0).warnings()]
        empty = [
            f"{panel.rat.name}, relapse with {adjuvant_words(panel.adjuvant)}: {panel.reason}"
            for panel in self.panels
            if panel.empty
        ]
        few = few_rats_notes(self.animals, max(panel.members for panel in self.panels))
        return [*([lost] if failed else []), *large, *few, *empty]

    def sentence(self) -> str:
        """Return the result in plain sentences, a line for each panel, mechanism and dose."""
        return "\n".join(self.lines()) or "No effect could be computed."

    @cached_property
    def low_end(self) -> LowEnd | None:
        """What the low end of the effect of 1 g/kg at immunisation rests on, where that was asked.

        It is known of rats with an ensemble whose calibrating findings were fitted in both strains.
        """
        from eaesim.estimation.ensembles import read_ensembles
        from eaesim.estimation.lowend import low_end

        for panel in self.panels:
            rows = self.rows(panel)
            asked = rows[(rows["dose"] == "1 g/kg") & (rows["day"] == 0)]
            changed = panel.rat.changes or panel.drug != STUDIED_DRUG
            if panel.relapse or panel.members < 2 or changed or not len(asked):
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
            f"{sentence_case(text)}."
            for panel in self.panels
            if not panel.empty
            for _, rows in self.rows(panel).groupby(["mechanism", "dose"], sort=False)
            if (text := self._words(panel, rows))
        ]

    def _given(self, at: pd.Series) -> str:
        """Return the mechanism and the dose, in words."""
        drug = self.panels[0].drug
        if drug == STUDIED_DRUG:
            return f" under {at['mechanism']}, {at['dose']}"
        acting = "" if at["mechanism"] == drug else f" under {at['mechanism']}"
        return f"{acting}, {at['dose']} of {load_drug(drug).title}"

    @property
    def drug_words(self) -> str:
        """The drug that is given, in words."""
        drug = self.panels[0].drug
        return "IVIG" if drug == STUDIED_DRUG else load_drug(drug).title

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
            f"{'predicted: ' if panel.prediction else ''}in {panel.rat.name}{self._given(at)} {when} {event} "
            f"reduces the {'excess ' if panel.relapse else ''}peak score by "
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
