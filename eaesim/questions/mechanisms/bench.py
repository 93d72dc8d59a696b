"""The rats of an ensemble, run for the rows: each run once, and what parameter sets predict of each row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from eaesim.endpoints import Floats
from eaesim.estimation.experiment import read_experiments
from eaesim.estimation.population import AT_ONCE, simulate_populations
from eaesim.estimation.rats import even_rats
from eaesim.estimation.reading import Populations, reading
from eaesim.estimation.target import Target
from eaesim.estimation.trial import Controls, effects
from eaesim.evidence import finding, judged_by
from eaesim.model import Parameters, Rat
from eaesim.protocol.dose import parse_dose
from eaesim.questions.mechanisms.readings import days_earlier, read_population, read_rats
from eaesim.questions.mechanisms.rows import Row
from eaesim.questions.mechanisms.runs import Run, Seen, joined, read_runs, simulate_run
from eaesim.solver import Progress

# The reading of the fit that gives recipients the cells of two groups of donors, taken on these days.
DONORS, FIRST_DONORS, OTHER_DONORS = "E6b", 11, 16

_Places = npt.NDArray[np.int64]


class _Donors(NamedTuple):
    """Cells of donors by day, as the reading of recipients takes them."""

    transferable: Floats


@dataclass(frozen=True)
class Bench:
    """Rats on which rows are run.

    Attributes
    ----------
    typical
        By strain, the untreated typical rats; member i is the same in every strain.
    rats
        By strain, the rat with what tells individuals apart.
    animals, seed
        Rats of each even population, each scored by several observers, and their seed.
    doses
        What IVIG is given instead of 1 g/kg, by finding.
    workers
        Threads.
    """

    typical: Mapping[str, Sequence[Parameters]]
    rats: Mapping[str, Rat]
    animals: int
    seed: int
    doses: Mapping[str, str] = field(default_factory=dict)
    workers: int | None = None
    _controls: dict[str, Seen] = field(default_factory=dict, repr=False)

    def seeded(self, seed: int) -> Bench:
        """Return the bench with other rats around the same typical ones."""
        return replace(self, seed=seed, _controls={})

    def controls(self, strain: str) -> Controls:
        """Return the untreated rats of a strain."""
        return Controls(
            self.typical[strain], self.rats[strain].entries, self.animals, self.seed, self.workers
        )

    @property
    def members(self) -> int:
        """How many typical rats there are of a strain."""
        return max(map(len, self.typical.values()))

    def simulate(self, run: Run, typical: Sequence[Parameters]) -> Seen:
        """Simulate a run; a drug that counts from onset takes that of the same rats without it."""
        onset = None
        if run.since_onset:
            onset = self.control(run.like).populations.first["onset_day"]
        batches = [slice(first, first + AT_ONCE) for first in range(0, len(typical), AT_ONCE)]
        return joined(
            [
                simulate_run(
                    run,
                    typical[batch],
                    entries=self.rats[run.rat].entries,
                    rats=even_rats(self.animals, seed=self.seed, days=run.until + 1),
                    onset=None if onset is None else onset[batch],
                    workers=self.workers,
                )
                for batch in batches
            ]
        )

    def control(self, name: str) -> Seen:
        """Return a run of untreated rats, simulated once."""
        if name not in self._controls:
            run = read_runs()[name]
            self._controls[name] = self.simulate(run, self.typical[run.rat])
        return self._controls[name]

    def draws(
        self,
        rows: Iterable[Row],
        *,
        treated: Mapping[str, Sequence[Parameters]] | None = None,
        members: _Places | None = None,
        progress: Progress | None = None,
    ) -> dict[tuple[str, str], Floats]:
        """Return what each parameter set predicts for each row compared with a run: an effect or a reading.

        Runs with IVIG need rats with a mechanism switched on, by strain, and the parameter set of each.
        """
        by_run: dict[str, list[Row]] = {}
        for row in rows:
            by_run.setdefault(row.run, []).append(row)
        found, total = dict[tuple[str, str], Floats](), sum(map(len, by_run.values()))
        for name, own in by_run.items():
            run = read_runs()[name]
            seen = self._seen(run, treated)
            places = np.arange(len(self.typical[run.rat])) if members is None else members
            found |= {row.key: self._read(row, run, seen, places) for row in own}
            if progress is not None:
                progress(len(found), total)
        return found

    def read_targets(self, targets: Iterable[Target]) -> list[Floats]:
        """Return what each parameter set predicts of what the fit reads off its experiments."""
        asked = list(targets)
        batches = [slice(first, first + AT_ONCE) for first in range(0, self.members, AT_ONCE)]
        parts = [self._read_targets(asked, batch) for batch in batches]
        return [np.concatenate(each) for each in zip(*parts, strict=True)]

    def _read_targets(self, targets: Sequence[Target], members: slice) -> list[Floats]:
        names = {name for target in targets for name in (target.experiment, *target.beside)}
        seen = {name: self._populations(name, members) for name in sorted(names)}
        return [
            reading(target.reading)(seen[target.experiment], *(seen[name] for name in target.beside))
            for target in targets
        ]

    def _populations(self, name: str, members: slice = slice(None)) -> Populations:
        experiment = read_experiments()[name]
        return simulate_populations(
            experiment,
            self.typical[experiment.strain][members],
            entries=self.rats[experiment.strain].entries,
            rats=even_rats(self.animals, seed=self.seed, days=experiment.days),
            workers=self.workers,
        )

    def _seen(self, run: Run, treated: Mapping[str, Sequence[Parameters]] | None) -> Seen:
        if run.of_ivig:
            assert treated is not None
            assert run.dose is not None
            if run.given_as in self.doses:
                dose = parse_dose(self.doses[run.given_as], route=run.dose.route)
                run = replace(run, dose=dose)
            return self.simulate(run, treated[run.rat])
        # Runs that others are compared with are kept; the rest would fill the memory.
        kept = any(run.name == other.like for other in read_runs().values())
        return self.control(run.name) if kept else self.simulate(run, self.typical[run.rat])

    def _read(self, row: Row, run: Run, seen: Seen, members: _Places) -> Floats:
        if row.reading in ("pool", "recipients"):
            first, other = self._held(self.control("lewis"))[members], self._held(seen)
            return other / first if row.reading == "pool" else self._recipients_ill(first, other, members)
        if row.reading == "days_earlier":
            return days_earlier(seen, self.control(run.like).of(members))
        if judged_by(finding(row.finding)) == "effect":
            control = read_rats(row.reading, self.control(run.like), row.window)
            return effects(read_rats(row.reading, seen, row.window), control[members])
        return read_population(row.reading, seen, row.window)

    @staticmethod
    def _held(seen: Seen) -> Floats:
        """Return the cells that donors at onset hold, pooled."""
        return np.asarray(np.nanmean(seen.populations.transferable[:, :, FIRST_DONORS], axis=1))

    @cached_property
    def _recipients(self) -> tuple[Populations, ...]:
        """Recipients of the doses of cells that the fit gives them."""
        from eaesim.estimation.target import read_targets

        beside = next(target.beside for target in read_targets()[0] if target.finding == DONORS)
        return tuple(map(self._populations, beside))

    def _recipients_ill(self, first: Floats, other: Floats, members: _Places) -> Floats:
        """Return the share of recipients that fall ill of the cells of other donors, as the fit reads E6b."""
        held = np.zeros((len(other), 1, OTHER_DONORS + 1))
        held[:, 0, FIRST_DONORS], held[:, 0, OTHER_DONORS] = first, other
        chosen = [
            replace(each, score=each.score[members], death_day=each.death_day[members])
            for each in self._recipients
        ]
        return reading("later_donors")(_Donors(held), *chosen)
