"""Estimates of a result with many rats, from sums over the rats of each parameter set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from eaesim.endpoints import MemberEstimate
from eaesim.endpoints import endpoint as find_endpoint
from eaesim.endpoints.setsums import SetSums
from eaesim.endpoints.summed import summed_difference, summed_effect, summed_mean, summed_share
from eaesim.study.cohort import rat_members
from eaesim.study.keptsums import KeptSums, Sample

if TYPE_CHECKING:
    from eaesim.study.result import Result

_Estimated = Callable[..., MemberEstimate]


def sample_sums(result: Result, sample: Sample, *, first: int = 0) -> SetSums:
    """Return the sums of all endpoints of a result.

    Parameters
    ----------
    result
        Result with the endpoints of its rats.
    sample
        What is summed.
    first
        Number in the study of its first rat.
    """
    arm, control, is_paired = sample
    names = result.endpoints
    if is_paired:
        both = [result.pair(arm, control, name, whole=True) for name in names]
        columns = [[pair[place] for pair in both] for place in range(2)]
    else:
        columns = [[result.values(arm, name, control=control, whole=True) for name in names]]
    member = rat_members(result.number, members=result.members, first=first)
    return SetSums.of(*columns, member=member, sets=result.members)


@dataclass(frozen=True, eq=False)
class ManyRats:
    """Estimates of every endpoint of a result, each made once.

    Attributes
    ----------
    result
        Result with its rats, or with their sums.
    """

    result: Result
    _sums: dict[Sample, SetSums] = field(default_factory=dict)
    _found: dict[tuple[_Estimated, Sample], MemberEstimate] = field(default_factory=dict)

    def sums(self, sample: Sample) -> SetSums:
        """Return the sums of a sample.

        Raises
        ------
        NotKeptError
            If only sums were kept, and not these.
        """
        kept = self.result.simulation.kept
        if isinstance(kept, KeptSums):
            return kept.of(sample)
        if sample not in self._sums:
            self._sums[sample] = sample_sums(self.result, sample)
        return self._sums[sample]

    def mean(self, arm: str, control: str, name: str) -> MemberEstimate:
        """Return the mean, or share, of an endpoint over the rats that failed in neither of two arms."""
        is_share = find_endpoint(name).unit == "share"
        alike = [each for each in self.result.endpoints if (find_endpoint(each).unit == "share") == is_share]
        return self._estimate(summed_share if is_share else summed_mean, (arm, control, False), alike, name)

    def difference(self, arm: str, control: str, name: str) -> MemberEstimate:
        """Return the mean paired difference of an endpoint of two arms."""
        return self._estimate(summed_difference, (arm, control, True), self.result.endpoints, name)

    def effect(self, arm: str, control: str, name: str) -> MemberEstimate:
        """Return 1 - the mean in the arm / that in the control, of the same rats."""
        return self._estimate(summed_effect, (arm, control, True), self.result.endpoints, name)

    def numbers(self, arm: str, control: str, name: str) -> tuple[int, int]:
        """Return how many rats have an endpoint in both arms, and how many in only one."""
        place, is_paired = self.result.endpoints.index(name), arm != control
        found = self.sums((arm, control, is_paired))
        return int(found.number[:, place].sum()), int(found.unpaired[place])

    def _estimate(
        self, estimate: _Estimated, sample: Sample, names: Sequence[str], name: str
    ) -> MemberEstimate:
        """Return one of the estimates of some endpoints, which are made together."""
        if (estimate, sample) not in self._found:
            sums = self.sums(sample).columns([self.result.endpoints.index(each) for each in names])
            self._found[estimate, sample] = estimate(sums, seed=self.result.seed)
        return self._found[estimate, sample].column(names.index(name))
