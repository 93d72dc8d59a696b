"""Result of a search: the best schedule compared with plain ones, and how flat the optimum is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from eaesim.endpoints import MemberEstimate, endpoint
from eaesim.questions.schedule.optimise.evaluation import CONTROL, Evaluation
from eaesim.questions.schedule.optimise.front import DOSES, TOTAL, FrontPoint
from eaesim.questions.schedule.optimise.limits import Schedule, schedule_text
from eaesim.study import Result

if TYPE_CHECKING:
    import pandas as pd

BEST = "best found"
AS_GOOD = 0.05


class Budget(NamedTuple):
    """The best schedule for a total in mg/kg, and its effect on the rats of the choice."""

    total: float
    schedule: Schedule
    effect: float


@dataclass(frozen=True)
class OptimumResult:
    """The best schedule.

    Attributes
    ----------
    evaluation
        What it was judged by, with the fresh rats.
    best
        Its doses.
    plain, best_plain
        Plain schedules by name, and the one of them that did best where the choice was made.
    result
        Result in fresh rats: the control, the best, and the plain schedules.
    flat
        The effect that is left when one day or one amount of the best is changed, on the rats of the choice:
        by schedule the place of the dose, ``"day"`` or ``"amount"``, its new value, and the effect.
    reached
        The effect on the rats of the choice.
    front
        The best for other totals, and for this one.
    price
        The best for less in all and for fewer doses, and the best itself.
    """

    evaluation: Evaluation
    best: Schedule
    plain: Mapping[str, Schedule]
    best_plain: str
    result: Result
    flat: Mapping[Schedule, tuple[int, str, float, float]]
    reached: float
    front: tuple[Budget, ...]
    price: tuple[FrontPoint, ...] = ()

    def _arm(self, name: str) -> str:
        """Return the name of a schedule among the results; the best may be a plain one."""
        return name if name in self.result.arms else BEST

    def effect(self, name: str = BEST) -> MemberEstimate:
        """Return the effect of a schedule on fresh rats, with its 95 % interval."""
        return self.result.effect(self._arm(name), CONTROL, self.evaluation.endpoint)

    def beside_plain(self, name: str | None = None) -> MemberEstimate:
        """Return by how much more the best lowers the endpoint than a plain schedule, on the fresh rats."""
        other = self._arm(name or self.best_plain)
        return self.result.difference(other, BEST, self.evaluation.endpoint)

    def doses_table(self) -> pd.DataFrame:
        """Return a row for every dose of the best: ``optimum.csv``."""
        import pandas as pd

        rows = []
        for place, dose in enumerate(self.best):
            good = self.good_days(place)
            rows.append(
                {
                    "dose": place + 1,
                    "day": dose.day,
                    "amount": dose.amount,
                    "good_first": min(good),
                    "good_last": max(good),
                }
            )
        return pd.DataFrame(rows, columns=["dose", "day", "amount", "good_first", "good_last"])

    def good_days(self, place: int) -> list[float]:
        """Return the days to which one dose can be moved alone with a loss of at most 0.05 of the effect."""
        moved = [
            (value, effect)
            for number, what, value, effect in self.flat.values()
            if number == place and what == "day"
        ]
        own = self.best[place].day
        return sorted({own, *(day for day, effect in moved if effect >= self.reached - AS_GOOD)})

    def table(self) -> pd.DataFrame:
        """Return a row for the best and every plain schedule: ``schedules.csv``."""
        import pandas as pd

        rows, worst = [], replace(self.evaluation, robust="worst tenth")
        for name, schedule in ((BEST, self.best), *self.plain.items()):
            found = self.effect(name)
            beside = self.beside_plain(name)
            rows.append(
                {
                    "schedule": name,
                    "doses": schedule_text(schedule),
                    "total": sum(dose.amount for dose in schedule),
                    "effect": found.value,
                    "effect_low": found.low,
                    "effect_high": found.high,
                    "effect_animal_low": found.animal_low,
                    "effect_animal_high": found.animal_high,
                    "effect_worst_tenth": worst.effect(self.result, self._arm(name)),
                    "behind_best": beside.value,
                    "behind_best_low": beside.low,
                    "behind_best_high": beside.high,
                }
            )
        return pd.DataFrame(rows)

    def flatness_table(self) -> pd.DataFrame:
        """Return a row for every changed day or amount: ``flatness.csv``."""
        import pandas as pd

        rows = [
            {
                "dose": place + 1,
                "changed": what,
                "to": value,
                "effect": effect,
                "lost": self.reached - effect,
            }
            for place, what, value, effect in self.flat.values()
        ]
        return pd.DataFrame(rows, columns=["dose", "changed", "to", "effect", "lost"])

    def front_table(self) -> pd.DataFrame:
        """Return a row for every total: ``budgets.csv``."""
        import pandas as pd

        return pd.DataFrame(
            [
                {"total": each.total, "doses": schedule_text(each.schedule), "effect": each.effect}
                for each in self.front
            ]
        )

    def price_effect(self, point: FrontPoint) -> MemberEstimate:
        """Return the effect of a point of the front on fresh rats, with its 95 % interval."""
        return self.effect(BEST if point.schedule == self.best else point.name)

    def price_table(self) -> pd.DataFrame:
        """Return a row for every point of the front: ``front.csv``."""
        import pandas as pd

        rows = []
        for point in self.price:
            found = self.price_effect(point)
            rows.append(
                {
                    "along": point.along,
                    "at_most": point.limit,
                    "total": sum(dose.amount for dose in point.schedule),
                    "doses": len(point.schedule),
                    "schedule": schedule_text(point.schedule),
                    "effect": found.value,
                    "effect_low": found.low,
                    "effect_high": found.high,
                }
            )
        columns = ["along", "at_most", "total", "doses", "schedule", "effect", "effect_low", "effect_high"]
        return pd.DataFrame(rows, columns=columns)

    def price_words(self) -> str:
        """Return the least in all and the fewest doses that do nearly as well as the best."""
        best, said = self.effect().value, []
        for along, unit in ((TOTAL, "mg/kg in all"), (DOSES, "dose")):
            points = [one for one in self.price if one.along == along]
            enough = next((one for one in points if self.price_effect(one).value >= best - AS_GOOD), None)
            if enough is not None and enough != points[-1]:
                several = along == DOSES and enough.limit > 1
                said.append(
                    f"{enough.limit:g} {unit}{'s do' if several else ' does'} nearly as well "
                    f"({self.price_effect(enough).value:.0%})"
                )
        return f"The front is flat: {'; '.join(said)}." if said else ""

    def sentence(self) -> str:
        """Say in plain words which schedule is best, and how it compares."""
        found, beside = self.effect(), self.beside_plain()
        title = endpoint(self.evaluation.endpoint).title
        amount = found.percent()
        if self.evaluation.robust != "mean":
            own = self.evaluation.effect(self.result, BEST)
            amount += f", in the {self.evaluation.robust} of parameter sets by {own:.0%}"
        text = schedule_text(self.best)
        if not self.best:
            return f"Nothing beats {CONTROL} within these limits."
        if not found.low > 0:
            return f"Nothing beats {CONTROL} within these limits: at best {text} lowers {title} by {amount}."
        if self._arm(self.best_plain) == BEST:
            return f"Best is the plain schedule {self.best_plain}: {text} lowers {title} by {amount}."
        word = "more than" if beside.low > 0 else "indistinguishable from" if beside.high > 0 else "less than"
        return (
            f"Best: {text}, which lowers {title} by {amount}, {word} {self.best_plain} "
            f"({self.effect(self.best_plain).value:.0%}). {self.price_words()}"
        ).rstrip()
