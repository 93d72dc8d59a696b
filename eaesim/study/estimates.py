"""Estimates of a result's endpoints: means, paired differences and effects, and their table."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import (
    DEAD_RULES,
    MemberEstimate,
    member_difference,
    member_effect,
    member_mean,
    member_share,
)
from eaesim.endpoints import endpoint as find_endpoint
from eaesim.endpoints.statistics import MOST_RESAMPLED
from eaesim.study.manyrats import ManyRats
from eaesim.study.sampled import Sampled

if TYPE_CHECKING:
    import pandas as pd


class Estimates(Sampled):
    """Rats in several arms, whose endpoints are estimated from the rats, or if there are many, from sums."""

    def difference(self, arm: str, control: str, name: str) -> MemberEstimate:
        """Return the mean paired difference of an endpoint from another arm.

        Rats with a value in only one arm are excluded. An arm does not differ from itself.

        Raises
        ------
        UnknownNameError
            If an arm or the endpoint is not known.
        """
        if arm == control:
            none = 0.0 if self.numbers(arm, control, name)[0] else np.nan
            return MemberEstimate(none, none, none, none, none)
        if self._is_summed(name):
            return self._many.difference(arm, control, name)
        treated, untreated = self.pair(arm, control, name)
        member = self.pair_member(arm, control, name)
        return member_difference(treated, untreated, member=member, seed=self.seed)

    def effect(self, arm: str, control: str, name: str) -> MemberEstimate:
        """Return 1 - treated / control of the means of an endpoint, of the same rats in two arms.

        Rats with a value in only one arm are excluded.

        Raises
        ------
        UnknownNameError
            If an arm or the endpoint is not known.
        """
        if self._is_summed(name):
            return self._many.effect(arm, control, name)
        member = self.pair_member(arm, control, name)
        return member_effect(*self.pair(arm, control, name), member=member, seed=self.seed)

    def mean(self, arm: str, name: str, *, control: str | None = None) -> MemberEstimate:
        """Return the mean of an endpoint in an arm with its 95 % interval; for events, their proportion.

        With a control, rats that failed in either arm are excluded (`values`). With an ensemble, the interval
        includes parameter uncertainty and variation between rats; that of the rats alone is also given.

        Raises
        ------
        UnknownNameError
            If the arm or the endpoint is not known.
        """
        if self._is_summed(name):
            return self._many.mean(arm, control or arm, name)
        estimate = member_share if find_endpoint(name).unit == "share" else member_mean
        member = self.value_member(arm, name, control=control)
        return estimate(self.values(arm, name, control=control), member=member, seed=self.seed)

    def numbers(self, arm: str, control: str, name: str) -> tuple[int, int]:
        """Return how many rats have an endpoint in both of two arms, and how many in only one."""
        if self._is_summed(name):
            return self._many.numbers(arm, control, name)
        missing, other = (np.isnan(values) for values in self.pair(arm, control, name, whole=True))
        return int((~(missing | other)).sum()), int((missing != other).sum())

    @cached_property
    def _many(self) -> ManyRats:
        return ManyRats(self)

    def _is_summed(self, name: str) -> bool:
        """Return whether an endpoint is estimated from sums over rats, as no rat is resampled."""
        return self.number > MOST_RESAMPLED and name in self.endpoints

    def table(self) -> pd.DataFrame:
        """Return means with 95 % intervals, and paired differences from the control.

        Returns
        -------
        pandas.DataFrame
            Indexed by arm and endpoint; the header states the rule for dead rats. `animals` is
            the number of rats with a value in both the arm and its control, on which the difference is
            based; `unpaired` have a value in only one (as the day of onset). With an ensemble, `low` and
            `high` include parameter uncertainty, `animal_low` and `animal_high` only rats; without one they
            are the same. Likewise for the difference.
        """
        import pandas as pd

        control, rows = self.design.control, []
        for arm in self.arms:
            for name in self.endpoints:
                animals, unpaired = self.numbers(arm, control, name)
                own = self.mean(arm, name, control=control)
                apart = self.difference(arm, control, name)
                rows.append(
                    {
                        "arm": arm,
                        "endpoint": name,
                        "mean": own.value,
                        "low": own.low,
                        "high": own.high,
                        "animal_low": own.animal_low,
                        "animal_high": own.animal_high,
                        "difference": apart.value,
                        "difference_low": apart.low,
                        "difference_high": apart.high,
                        "difference_animal_low": apart.animal_low,
                        "difference_animal_high": apart.animal_high,
                        "animals": animals,
                        "failed": self.failed(arm, control),
                        "unpaired": unpaired,
                    }
                )
        table = pd.DataFrame(rows).set_index(["arm", "endpoint"])
        table.columns.name = DEAD_RULES[self.dead]
        return table
