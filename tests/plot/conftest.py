from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pytest

from eaesim.analysis import Timing
from eaesim.analysis.timingresult import ENDPOINTS_AROUND, Panel
from eaesim.model import load
from eaesim.protocol import Arm, Bolus, Immunisation, Relapse
from eaesim.study import Result, Study

DAYS = (-7.0, -3.0, 0.0, 4.0, 8.0, 14.0)


def immunisation_panel(rat: str = "lewis") -> Panel:
    return Panel(load(rat), "immunisation", "complete", onset=11.5, control=2.8)


def relapse_panel(adjuvant: str = "none", *, control: float = 1.5) -> Panel:
    return Panel(load("da"), "relapse", adjuvant, onset=8.0, control=control)


@pytest.fixture(scope="session")
def make_timing() -> Callable[..., Timing]:
    """Build a timing from nothing but numbers that are told apart by panel, mechanism, dose and day."""

    def make(
        panels: Sequence[Panel] = (),
        *,
        mechanisms: Sequence[str] = ("H1a",),
        doses: Sequence[str] = ("1 g/kg",),
        days: Sequence[float] = DAYS,
        failed: int = 0,
    ) -> Timing:
        panels = tuple(panels) or (immunisation_panel(),)
        random = np.random.default_rng(1)
        rows = []
        for panel in panels:
            for mechanism in mechanisms:
                for dose in doses:
                    for day in days:
                        for endpoint in ENDPOINTS_AROUND[panel.around]:
                            effect = np.nan if panel.empty else random.uniform(0, 0.9)
                            rows.append(
                                {
                                    "rat": panel.rat.name,
                                    "mechanism": mechanism,
                                    "around": panel.around,
                                    "adjuvant": panel.adjuvant,
                                    "dose": dose,
                                    "day": day,
                                    "endpoint": endpoint,
                                    "treated": 1.0,
                                    "control": 2.0,
                                    "effect": effect,
                                    "effect_low": effect - 0.1,
                                    "effect_high": effect + 0.1,
                                    "animals": 5,
                                    "failed": failed,
                                }
                            )
        return Timing(pd.DataFrame(rows), panels, animals=5, seed=1, dead="score")

    return make


@pytest.fixture(scope="session")
def default_timing(make_timing: Callable[..., Timing]) -> Timing:
    return make_timing(
        [immunisation_panel(), immunisation_panel("da"), relapse_panel("none"), relapse_panel("complete")]
    )


@pytest.fixture(scope="session")
def result() -> Result:
    ivig = Bolus("1 g/kg")
    arms = [
        Arm("vehicle"),
        Arm("before", ivig.at(day=-2)),
        Arm("twice", Bolus("0.4 g/kg", every="7 day", doses=2).at(day=0)),
        Arm("at onset", ivig.at(onset="score >= 1", after=1)),
    ]
    return Study("lewis", until=20, arms=arms).run(animals=3, seed=8, members=1)


@pytest.fixture(scope="session")
def relapse_result() -> Result:
    return Study(
        "da",
        until=50,
        inductions=[Immunisation(day=0), Relapse(35)],
        arms=[
            Arm("vehicle"),
            Arm("at relapse induction", Bolus("1 g/kg").at(day=35)),
            Arm("at relapse", Bolus("1 g/kg").at(relapse="score rise >= 1")),
        ],
    ).run(animals=3, seed=8, members=1)
