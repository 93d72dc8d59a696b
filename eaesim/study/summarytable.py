"""Table of a result: means with intervals, and paired differences from the control."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eaesim.endpoints import DEAD_RULES

if TYPE_CHECKING:
    import pandas as pd

    from eaesim.study.result import Result


def summary_table(result: Result) -> pd.DataFrame:
    """Return a row for every arm and endpoint, as `Result.table` describes it."""
    import pandas as pd

    control, rows = result.design.control, []
    for arm in result.arms:
        for name in result.endpoints:
            animals, unpaired = result.numbers(arm, control, name)
            own = result.mean(arm, name, control=control)
            apart = result.difference(arm, control, name)
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
                    "failed": result.failed(arm, control),
                    "unpaired": unpaired,
                }
            )
    table = pd.DataFrame(rows).set_index(["arm", "endpoint"])
    table.columns.name = DEAD_RULES[result.dead]
    return table
