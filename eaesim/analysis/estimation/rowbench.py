"""The rats of an ensemble, run for the rows: each run once, and what parameter sets predict of each row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from eaesim.analysis.estimation.rowreadings import days_earlier, read_population, read_rats
from eaesim.analysis.estimation.rowruns import Run, Seen, read_runs, simulate_run
from eaesim.analysis.estimation.rows import Row
from eaesim.analysis.estimation.trial import effects
from eaesim.endpoints import Floats
from eaesim.evidence import finding, judged_by
from eaesim.model import Parameter, Parameters

# Cells of day 11, from donors at onset: as many as make this share of recipients ill (E6: 50 to 88 %).
HARVEST, DONORS_ILL = 11, 0.7
# Transferred cells that are tried, in multiples of the standard number; halves and a third in between.
AMOUNTS = tuple(2.0**power for power in np.arange(-9.0, 1.25, 0.75))
# Populations that are simulated at once, which bounds the memory.
AT_ONCE = 64

_Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Bench:
    """Rats on which rows are run.

    Attributes
    ----------
    typical
        By strain, the untreated typical rats; member i is the same in every strain.
    entries
        By strain, how rats differ.
    animals, seed
        Rats in each population, and their seed.
    workers
        Threads.
    """

    typical: Mapping[str, Sequence[Parameters]]
    entries: Mapping[str, Mapping[str, Parameter]]
    animals: int
    seed: int
    workers: int | None = None
    _controls: dict[str, Seen] = field(default_factory=dict, repr=False)

    def simulate(self, run: Run, typical: Sequence[Parameters], *, cells: Floats | None = None) -> Seen:
        """Simulate a run; a drug that counts from onset takes that of the same rats without it."""
        onset = None
        if run.span is not None and run.span.since_onset:
            onset = self.control(run.like).populations.first["onset_day"]
        parts = [
            simulate_run(
                run,
                typical[first : first + AT_ONCE],
                entries=self.entries[run.rat],
                animals=self.animals,
                seed=self.seed,
                onset=None if onset is None else onset[first : first + AT_ONCE],
                cells=None if cells is None else cells[first : first + AT_ONCE],
                workers=self.workers,
            )
            for first in range(0, len(typical), AT_ONCE)
        ]
        return joined(parts)

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
    ) -> dict[tuple[str, str], Floats]:
        """Return what each parameter set predicts of each row: an effect, or a reading.

        Parameters
        ----------
        rows
            Those with a run.
        treated
            By strain, typical rats with a mechanism switched on; needed for runs with IVIG.
        members
            Of which member each of these is.
        """
        by_run: dict[str, list[Row]] = {}
        for row in rows:
            by_run.setdefault(row.run, []).append(row)
        found = {}
        for name, own in by_run.items():
            run = read_runs()[name]
            seen = self._seen(run, treated)
            places = np.arange(len(self.typical[run.rat])) if members is None else members
            found.update({row.key: self._read(row, run, seen, places) for row in own})
        return found

    def _seen(self, run: Run, treated: Mapping[str, Sequence[Parameters]] | None) -> Seen:
        if run.dose is not None:
            assert treated is not None
            return self.simulate(run, treated[run.rat])
        # Runs that others are compared with are kept; the rest would fill the memory.
        kept = any(run.name == other.like for other in read_runs().values())
        return self.control(run.name) if kept else self.simulate(run, self.typical[run.rat])

    def _read(self, row: Row, run: Run, seen: Seen, members: _Places) -> Floats:
        if row.reading in ("pool", "recipients"):
            share = self._held(seen, row.window[0]) / self._held(self.control("lewis"), HARVEST)[members]
            return share if row.reading == "pool" else self._recipients_ill(share, members)
        if row.reading == "days_earlier":
            return days_earlier(seen, self.control(run.like).of(members))
        if judged_by(finding(row.finding)) == "effect":
            control = read_rats(row.reading, self.control(run.like), row.window)
            return effects(read_rats(row.reading, seen, row.window), control[members])
        return read_population(row.reading, seen, row.window)

    @staticmethod
    def _held(seen: Seen, day: int) -> Floats:
        """Return the cells that donors hold on a day, pooled."""
        return np.asarray(np.nanmean(seen.states["pool"][:, :, day], axis=1))

    @cached_property
    def _answer(self) -> Floats:
        """Share of recipients that fall ill, by the number of cells, shape (members, amounts)."""
        run = replace(read_runs()["lewis_transfer"], inductions=())
        typical = self.typical["lewis"]
        shares = [
            read_population(
                "ill",
                self.simulate(run, typical, cells=np.full((len(typical), self.animals), amount)),
                (0, run.until),
            )
            for amount in AMOUNTS
        ]
        # More cells never make fewer rats ill.
        return np.maximum.accumulate(np.stack(shares, axis=1), axis=1)

    def _recipients_ill(self, share: Floats, members: _Places) -> Floats:
        """Return the share of recipients that fall ill of donors' cells.

        Parameters
        ----------
        share
            What these donors hold of the cells of untreated donors at onset, shape (populations,).
        members
            Of which member each is.
        """
        tried, found = np.log(AMOUNTS), np.full(len(share), np.nan)
        for place, (held, answer) in enumerate(zip(share, self._answer[members], strict=True)):
            if np.isfinite(held) and answer[0] < DONORS_ILL <= answer[-1]:
                # Where the answer is flat the fewest cells count.
                first = int(np.argmax(answer >= DONORS_ILL))
                amount = np.interp(
                    DONORS_ILL, answer[first - 1 : first + 1], tried[first - 1 : first + 1]
                )
                found[place] = np.interp(amount + np.log(max(held, 1e-12)), tried, answer)
        return found


def joined(parts: Sequence[Seen]) -> Seen:
    """Return populations that were simulated apart as if at once."""
    first = parts[0].populations
    if len(parts) == 1:
        return parts[0]
    populations = replace(
        first,
        **{
            name: np.concatenate([getattr(part.populations, name) for part in parts])
            for name in ("score", "severity", "death_day", "reduced")
        },
    )
    return Seen(
        populations,
        {name: np.concatenate([part.states[name] for part in parts]) for name in parts[0].states},
    )
