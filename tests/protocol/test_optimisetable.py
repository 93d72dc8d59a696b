"""The [optimise] and [schedule] tables."""

from __future__ import annotations

import pytest

from eaesim.errors import EaesimError
from eaesim.protocol.optimisetable import check_optimise
from eaesim.protocol.scheduletable import check_schedule


def test_quantities_become_numbers() -> None:
    read = check_optimise(
        {"total": "3 g/kg", "least": "100 mg/kg", "volume": "10 mL/kg", "budgets": ["1 g/kg"]}
    )
    assert read == {"total": 3000.0, "least": 100.0, "volume": 10.0, "budgets": [1000.0]}
    assert check_schedule({"level": "3 mg/mL"}) == {"level": 3.0}


@pytest.mark.parametrize(
    "table",
    [
        {"total": "3 g"},
        {"doses": 0},
        {"target": 1.5},
        {"robust": "median"},
        {"budgets": []},
        {"totals": 1},
        {"endpoint": 3},
    ],
)
def test_what_cannot_be_read_is_refused(table: dict[str, object]) -> None:
    with pytest.raises(EaesimError):
        check_optimise(table)


@pytest.mark.parametrize("table", [{"endpoint": 1}, {"antibodies": "1 mg"}, {"levels": 3}])
def test_a_schedule_table_is_checked(table: dict[str, object]) -> None:
    with pytest.raises(EaesimError):
        check_schedule(table)
