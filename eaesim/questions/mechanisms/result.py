"""How mechanisms compare with every finding on treated rats, by the common rule for judging findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import Floats
from eaesim.estimation.potency import Potencies
from eaesim.evidence import Finding, Verdict, combined, finding, judge
from eaesim.evidence.judge import AGREES, DISAGREES, INCONCLUSIVE, NOT_COMPARABLE, VERDICTS
from eaesim.evidence.published import published
from eaesim.evidence.thresholds import thresholds

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class MechanismsResult:
    """How mechanisms compare with the findings.

    Attributes
    ----------
    potencies
        By mechanism.
    effects
        By mechanism and finding, the effect in every parameter set, or the share of rats ill, shape
        (members,).
    members
        How many there are of the ensembles.
    animals
        Rats in each population.
    further
        By mechanism, finding and label, readings that are shown with a finding and do not decide it.
    """

    potencies: Mapping[str, Potencies]
    effects: Mapping[tuple[str, str], Floats]
    members: int
    animals: int
    further: Mapping[tuple[str, str, str], Floats] = field(default_factory=dict)

    def verdicts(self) -> dict[tuple[str, str], Verdict]:
        """Return the verdict on every reading of a finding, by mechanism and finding."""
        return {
            (mechanism, identity): judge(finding(identity), draws)
            for (mechanism, identity), draws in self.effects.items()
        }

    def table(self) -> pd.DataFrame:
        """Return a row for every mechanism and reading of a finding: the columns of ``mechanisms.csv``.

        ``verdict`` is on the reading, ``finding_verdict`` on the whole finding, such as A3 of four readings.
        ``low`` and ``high`` hold 90 % of the parameter sets, ``predictive_low`` and ``predictive_high`` the
        same with the error of the finding; ``share`` of the parameter sets are on the published side.
        """
        return self._table.copy()

    @cached_property
    def _table(self) -> pd.DataFrame:
        import pandas as pd

        numbers = ["share", "predicted", "low", "high", "predictive_low", "predictive_high"]
        rows = [
            {
                "finding": identity,
                "mechanism": mechanism,
                **{name: getattr(found, name) for name in ("verdict", *numbers, "reason")},
                "published": row.text,
                "use": row.use,
                "source": row.source,
            }
            for (mechanism, identity), found in self.verdicts().items()
            for row in [finding(identity)]
        ]
        table = pd.DataFrame(rows)
        table[numbers] = table[numbers].astype(float)
        whole = table.groupby([table["finding"].str.partition(".")[0], "mechanism"])["verdict"]
        table.insert(3, "finding_verdict", whole.transform(combined))
        return table

    def ranking(self) -> pd.DataFrame:
        """Return a row for every mechanism: evidence of the calibration data, and verdicts of the others.

        Findings are counted, not their readings. ``passes`` says that all agree; ``predictive`` is the
        logarithm of the mean probability, over parameter sets, that all validating findings come out as
        published.
        """
        return self._ranking.copy()

    @cached_property
    def _ranking(self) -> pd.DataFrame:
        import pandas as pd

        whole = self._findings()
        rows = []
        for mechanism, potencies in self.potencies.items():
            own = whole.loc[mechanism]
            counts = own["verdict"].value_counts()
            rows.append(
                {
                    "mechanism": mechanism,
                    "log_evidence": potencies.log_evidence,
                    "predictive": self._predictive(mechanism),
                    **{word: int(counts.get(word, 0)) for word in VERDICTS},
                    "passes": bool((own["verdict"] == AGREES).all()),
                    "against": ", ".join(own.index[own["verdict"] == DISAGREES]),
                }
            )
        ranked = pd.DataFrame(rows)
        total = ranked["log_evidence"] + ranked["predictive"]
        return ranked.assign(score=total).sort_values("score", ascending=False, ignore_index=True)

    def _findings(self) -> pd.DataFrame:
        """Return a row for every mechanism and finding, whatever its readings, with the least share."""
        table = self.table()
        table["row"] = table["finding"].str.partition(".")[0]
        own = table.groupby(["mechanism", "row"], sort=False).agg(
            {"finding_verdict": "first", "use": "first", "share": "min"}
        )
        return own.rename(columns={"finding_verdict": "verdict"})

    def words(self) -> list[str]:
        """Return in sentences the verdicts of the mechanisms, and what the findings cannot tell apart."""
        whole, ranking = self._findings(), self.ranking()
        names = list(ranking["mechanism"])
        lines = [_tally(name, whole.loc[name]) for name in names if "+" not in name]
        pairs = ranking[ranking["mechanism"].str.contains("+", regex=False)]
        if len(pairs):
            passing, failing = int(pairs["passes"].sum()), int((pairs[DISAGREES] > 0).sum())
            lines.append(
                f"Pairs: {len(pairs)}, of which {passing} agree{'s' * (passing == 1)} with every finding and "
                f"{failing} disagree{'s' * (failing == 1)} with at least one."
            )
        first = whole.loc[names[0]]
        used = list(first.index[first["use"] == "calibrate"])
        lines.append(
            f"{len(used)} of the {len(first)} findings were used for calibration: {', '.join(used)}. "
            "Percentages: parameter sets on the published side."
        )
        agreeing = list(ranking.loc[ranking["passes"], "mechanism"])
        lines.append(f"Agree with every finding: {', '.join(agreeing) if agreeing else 'none'}.")
        close = self._close()
        if close:
            lines.append(
                f"The findings do not tell apart {', '.join(close)} (within a factor of 10 of the best); "
                "eaesim discriminate says which experiment would."
            )
        return lines

    def _close(self) -> list[str]:
        """Return the single mechanisms that nearly reach the best one, if there are several."""
        ranking = self.ranking()
        single = ranking[~ranking["mechanism"].str.contains("+", regex=False)]
        close = single.loc[single["score"] > single["score"].max() - np.log(10), "mechanism"]
        return list(close) if len(close) > 1 else []

    def _predictive(self, mechanism: str) -> float:
        """Return the joint probability of the validating findings, averaged over parameter sets."""
        by_finding: dict[str, list[Floats]] = {}
        for (name, identity), draws in self.effects.items():
            row = finding(identity)
            if name == mechanism and row.use == "validate":
                by_finding.setdefault(row.row, []).append(_probability(row, draws, self.animals))
        # Readings of the same rats are one finding: it is as probable as the least probable of them.
        each = [np.min(readings, axis=0) for readings in by_finding.values()]
        probability = np.prod(each, axis=0) if each else np.ones(self.members)
        return float(np.log(np.maximum(probability.mean(), 1e-12)))


def _tally(mechanism: str, whole: pd.DataFrame) -> str:
    """Return how many findings agree with a mechanism, and which do not."""
    parts = []
    for verdict, words in (
        (AGREES, ("agrees", "agree")),
        (DISAGREES, ("disagrees", "disagree")),
        (INCONCLUSIVE, ("is inconclusive", "are inconclusive")),
        (NOT_COMPARABLE, ("has no value", "have no value")),
    ):
        rows = list(whole.index[whole["verdict"] == verdict])
        if rows or verdict == AGREES:
            known = verdict != NOT_COMPARABLE
            shares = [f"{row} {100 * whole.loc[row, 'share']:.0f} %" if known else row for row in rows]
            named = f" ({', '.join(shares)})" if rows else ""
            parts.append(f"{len(rows)} {words[len(rows) != 1]}{named}")
    return f"{mechanism}: of {len(whole)} findings {', '.join(parts)}."


def _probability(row: Finding, draws: Floats, animals: int) -> Floats:
    """Return the probability of a finding in each parameter set, whose effect so many rats show roughly.

    For a number it is its likelihood relative to that of the likeliest one.
    """
    from scipy.special import ndtr

    number = published(row)
    if number is not None:
        off = (number.on_scale(draws) - number.low) / number.spread
        return np.where(np.isnan(draws), 0.5, np.exp(-0.5 * off**2))
    word, spread = thresholds().words[row.words or row.direction], 0.5 / np.sqrt(animals)
    found = ndtr((word.most - draws) / spread) - ndtr((word.least - draws) / spread)
    return np.where(np.isnan(draws), 0.5, found)
