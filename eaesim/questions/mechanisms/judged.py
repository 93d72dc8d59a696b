"""Every row of tables A, B and E with its verdict, or why it has none."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import Floats
from eaesim.estimation.target import Target, read_targets
from eaesim.evidence import Finding, Verdict, combined, finding, judge, load_findings
from eaesim.evidence.judge import AGREES, DISAGREES, INCONCLUSIVE, NOT_COMPARABLE
from eaesim.evidence.thresholds import Word, thresholds
from eaesim.questions.mechanisms.bench import Bench
from eaesim.questions.mechanisms.result import MechanismsResult
from eaesim.questions.mechanisms.rows import Row, of_experiments, of_runs, read_rows
from eaesim.solver import Progress

if TYPE_CHECKING:
    import pandas as pd

TABLES = ("A", "B", "E")
_NUMBERS = ("predicted", "low", "high", "predictive_low", "predictive_high", "share")


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One reading of one finding, and its verdict.

    Attributes
    ----------
    finding
        Its id.
    mechanism
        What IVIG does; ``""`` for untreated rats and other drugs.
    label
        What tells several readings of one finding apart.
    counts
        Whether the finding is judged by it.
    verdict
        Verdict of the common rule.
    why
        What had to be assumed.
    """

    finding: str
    mechanism: str = ""
    label: str = ""
    counts: bool = True
    verdict: Verdict
    why: str = ""


@dataclass(frozen=True)
class Rows:
    """Every row on rats, with its verdict or the reason why it has none; mechanisms, the likeliest first."""

    judged: tuple[Judged, ...]
    left_out: Mapping[str, str]
    mechanisms: tuple[str, ...]

    def table(self) -> pd.DataFrame:
        """Return a row for every reading of a finding: the columns of ``rows.csv``.

        ``mechanism`` is empty for untreated rats and other drugs. ``counts`` says whether a reading is judged
        with its finding, and ``finding_verdict`` holds the verdict on the whole finding, such as A3 of four
        readings, under that mechanism. ``low`` and ``high`` hold 90 % of the parameter sets,
        ``predictive_low`` and ``predictive_high`` the same with the error of the finding and of laboratories;
        ``share`` of the parameter sets are on the published side.
        """
        import pandas as pd

        whole = self._whole()
        rows = [
            {
                "finding": each.finding,
                "mechanism": each.mechanism,
                "reading": each.label,
                "use": finding(each.finding).use,
                "counts": each.counts,
                "published": finding(each.finding).text,
                **{name: getattr(each.verdict, name) for name in _NUMBERS},
                "verdict": each.verdict.verdict,
                "finding_verdict": whole.get((finding(each.finding).row, each.mechanism), NOT_COMPARABLE),
                "reason": _reason(each),
                "source": finding(each.finding).source,
            }
            for each in self._ordered()
        ]
        table = pd.DataFrame(rows)
        table[list(_NUMBERS)] = table[list(_NUMBERS)].astype(float)
        return table

    def _ordered(self) -> list[Judged]:
        """Return all readings in the order of the evidence page, those that are not simulated among them."""
        order = {one.id: place for place, one in enumerate(_findings())}
        none = [
            Judged(finding=name, verdict=Verdict(name, NOT_COMPARABLE, f"Not simulated: {why}."))
            for name, why in self.left_out.items()
        ]
        return sorted((*self.judged, *none), key=lambda each: order[each.finding])

    def _whole(self) -> dict[tuple[str, str], str]:
        """Return the verdict on each finding under each mechanism, by row of the page and mechanism."""
        verdicts: dict[tuple[str, str], list[str]] = {}
        for each in self.judged:
            if each.counts:
                key = finding(each.finding).row, each.mechanism
                verdicts.setdefault(key, []).append(each.verdict.verdict)
        return {key: combined(own) for key, own in verdicts.items()}

    def verdicts(self, mechanism: str, *, use: str = "validate") -> dict[str, str]:
        """Return the verdict on each simulated finding if IVIG does this, by row of the page."""
        uses = {finding(each.finding).row for each in self.judged if finding(each.finding).use == use}
        return {
            row: verdict
            for (row, acting), verdict in self._whole().items()
            if acting in ("", mechanism) and row in uses
        }

    def words(self) -> list[str]:
        """Return in sentences how many findings agree, and which do not."""
        lines = [
            f"{mechanism}: {_tally(self.verdicts(mechanism), 'validating findings')}"
            for mechanism in self.mechanisms
            if "+" not in mechanism
        ]
        apart = {finding(name).row for name in self.left_out if finding(name).use == "validate"}
        apart -= {finding(each.finding).row for each in self.judged}
        lines.append(f"Not simulated: {', '.join(_sorted(apart)) or 'none'}; rows.csv gives the reasons.")
        fitted = self.verdicts("", use="calibrate")
        lines.append(f"Fitted: {_tally(fitted, 'findings on untreated rats')}")
        return lines


_OFF = {
    DISAGREES: "against it:",
    INCONCLUSIVE: "inconclusive are",
    NOT_COMPARABLE: "without a value are",
}


def _tally(verdicts: Mapping[str, str], what: str) -> str:
    """Return how many of some findings agree, and which do not."""
    agree = len(_named(verdicts, AGREES))
    parts = [f"{agree} of {len(verdicts)} {what} agree{'s' * (agree == 1)}"]
    parts += [
        f"{words} {', '.join(rows)}" for word, words in _OFF.items() if (rows := _named(verdicts, word))
    ]
    return f"{'; '.join(parts)}."


def _named(verdicts: Mapping[str, str], wanted: str) -> list[str]:
    return _sorted(row for row, verdict in verdicts.items() if verdict == wanted)


def _sorted(rows: Iterable[str]) -> list[str]:
    order = {one.row: place for place, one in enumerate(_findings())}
    return sorted(rows, key=lambda row: order[row])


def _findings() -> list[Finding]:
    """Return the findings of the tables, in the order of the page."""
    chosen = [one for one in load_findings() if one.table in TABLES]
    return sorted(chosen, key=lambda one: one.table)


def _reason(each: Judged) -> str:
    shown = "" if each.counts else " Shown with the finding, which it does not decide."
    why = f" Assumed: {each.why.rstrip('.')}." if each.why else ""
    return f"{each.verdict.reason}{why}{shown}"


def judge_rows(found: MechanismsResult, bench: Bench, progress: Progress | None = None) -> Rows:
    """Judge every row of tables A, B and E, those on IVIG as they were found on the same rats."""
    judged = [*_of_mechanisms(found), *_of_untreated(bench, progress)]
    return Rows(tuple(judged), _left_out(judged), tuple(found.ranking()["mechanism"]))


def _of_mechanisms(found: MechanismsResult) -> list[Judged]:
    shown = {row.key: row for row in of_runs(read_rows(), ivig=True)}
    whys = {identity: row.why for (identity, label), row in shown.items() if not label}
    judged = [
        Judged(finding=identity, mechanism=mechanism, verdict=verdict, why=whys.get(identity, ""))
        for (mechanism, identity), verdict in found.verdicts().items()
    ]
    judged += [
        _judged(shown[identity, label], draws, mechanism=mechanism)
        for (mechanism, identity, label), draws in found.further.items()
    ]
    return judged


def _of_untreated(bench: Bench, progress: Progress | None) -> list[Judged]:
    """Judge untreated rats and other drugs: rows of the fit's own experiments, then those of runs."""
    own = [row for row in read_rows() if row.run]
    read_here = {row.finding for row in of_runs(own, ivig=False)}
    fitted = [target for target in read_targets()[0] if target.finding and target.finding not in read_here]
    experiments, runs = of_experiments(own), of_runs(own, ivig=False)
    judged = [
        _judged_target(target, fitted, draws)
        for target, draws in zip(fitted, bench.read_targets(fitted), strict=True)
    ]
    asked = [
        Target(finding=row.finding, experiment=row.run, reading=row.reading, low=0, high=0, laboratory=1)
        for row in experiments
    ]
    judged += map(_judged, experiments, bench.read_targets(asked))
    done, total, by_key = len(judged), len(judged) + len(runs), {row.key: row for row in runs}
    draws_of = bench.draws(runs, progress=progress and (lambda part, _: progress(done + part, total)))
    return [*judged, *(_judged(by_key[key], draws) for key, draws in draws_of.items())]


def _judged(row: Row, draws: Floats, *, mechanism: str = "") -> Judged:
    one = finding(row.finding)
    if row.shown:
        seen = judge(one, draws, mismatch="shown with the finding")
        verdict = replace(seen, reason="A ratio that no paper gives.")
    else:
        verdict = judge(one, draws, laboratory=row.laboratory)
    own = {name: getattr(row, name) for name in ("finding", "label", "counts", "why")}
    return Judged(mechanism=mechanism, verdict=verdict, **own)


def _judged_target(target: Target, fitted: Sequence[Target], draws: Floats) -> Judged:
    """Judge a row of the fit: by its own number or word, else by the bounds within which the fit wants it."""
    one = finding(target.finding)
    several = [other for other in fitted if other.finding == target.finding]
    label = ""
    if len(several) > 1:
        same_place = len({other.experiment for other in several}) < len(several)
        label = target.experiment.replace("_", " ")
        label += f", {target.reading.replace('_', ' ')}" if same_place else ""
    if (one.words or one.direction) in thresholds().words:
        verdict = judge(one, draws)
    elif not target.bound:
        verdict = judge(one, draws, error=target.error or None, laboratory=target.laboratory)
    elif one.measure == "direction" or target.scale == "logit":
        low, high = (_back(target, end) for end in (target.low, target.high))
        verdict = judge(one, draws, word=Word(one.result or one.text, "reading", low, high))
    else:
        asked = replace(
            one,
            measure="range",
            value=None,
            error=None,
            error_kind="",
            low=target.low if math.isfinite(target.low) else None,
            high=target.high if math.isfinite(target.high) else None,
        )
        verdict = judge(asked, draws, laboratory=target.laboratory)
    return Judged(finding=one.id, label=label, verdict=verdict, why=target.why)


def _back(target: Target, end: float) -> float:
    """Return a bound on the scale of what is read."""
    if target.scale == "plain" or math.isinf(end):
        return end
    return float(1 / (1 + np.exp(-end)))


def _left_out(judged: Sequence[Judged]) -> dict[str, str]:
    """Return why each of the other findings is not simulated."""
    known = {each.finding for each in judged if each.counts}
    reasons = dict(read_targets()[1])
    reasons |= {row.finding: row.left_out for row in read_rows() if row.left_out}
    shown = {
        one.id: f"shown, neither fitted nor a test{f'; see {one.refers[0]}' if one.refers else ''}"
        for one in _findings()
        if one.use == "shown"
    }
    reasons |= shown
    return {one.id: reasons[one.id] for one in _findings() if one.id not in known}
