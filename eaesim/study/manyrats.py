"""Estimates of a result with many rats, from sums over the rats of each parameter set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from eaesim.endpoints import MemberEstimate
from eaesim.endpoints import endpoint as find_endpoint
from eaesim.endpoints.setsums import SetSums
from eaesim.endpoints.summed import summed_difference, summed_effect, summed_mean, summed_share
from eaesim.study.keptsums import Sample
from eaesim.study.sampled import Sampled

_Estimated = Callable[..., MemberEstimate]


@dataclass(frozen=True, eq=False)
class ManyRats:
    """Estimates of every endpoint of a result, each made once.

    Attributes
    ----------
    rats
        The rats, whose endpoints are the columns of their sums.
    """

    rats: Sampled
    _sums: dict[Sample, SetSums] = field(default_factory=dict)
    _found: dict[tuple[_Estimated, Sample], MemberEstimate] = field(default_factory=dict)

    def mean(self, arm: str, control: str, name: str) -> MemberEstimate:
        """Return the mean, or share, of an endpoint over the rats that failed in neither of two arms."""
        is_share = find_endpoint(name).unit == "share"
        alike = [each for each in self.rats.endpoints if (find_endpoint(each).unit == "share") == is_share]
        return self._estimate(summed_share if is_share else summed_mean, (arm, control, False), alike, name)

    def difference(self, arm: str, control: str, name: str) -> MemberEstimate:
        """Return the mean paired difference of an endpoint of two arms."""
        return self._estimate(summed_difference, (arm, control, True), self.rats.endpoints, name)

    def effect(self, arm: str, control: str, name: str) -> MemberEstimate:
        """Return 1 - the mean in the arm / that in the control, of the same rats."""
        return self._estimate(summed_effect, (arm, control, True), self.rats.endpoints, name)

    def numbers(self, arm: str, control: str, name: str) -> tuple[int, int]:
        """Return how many rats have an endpoint in both arms, and how many in only one."""
        place, is_paired = self.rats.endpoints.index(name), arm != control
        found = self._summed((arm, control, is_paired))
        return int(found.number[:, place].sum()), int(found.unpaired[place])

    def _estimate(
        self, estimate: _Estimated, sample: Sample, names: Sequence[str], name: str
    ) -> MemberEstimate:
        """Return one of the estimates of some endpoints, which are made together."""
        if (estimate, sample) not in self._found:
            sums = self._summed(sample).columns([self.rats.endpoints.index(each) for each in names])
            self._found[estimate, sample] = estimate(sums, seed=self.rats.seed)
        return self._found[estimate, sample].column(names.index(name))

    def _summed(self, sample: Sample) -> SetSums:
        if sample not in self._sums:
            self._sums[sample] = self.rats.sums(sample)
        return self._sums[sample]
