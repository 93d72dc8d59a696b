"""The planned test is the test that is run: its studies, read again as a laboratory's table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from eaesim.evidence.laboratory import read_scores
from eaesim.model import load
from eaesim.protocol import Arm, Bolus
from eaesim.questions.power.answer import Power, power
from eaesim.questions.power.plan import TESTS
from eaesim.questions.scores.answer import LaboratoryResult
from eaesim.study import Study

UNTIL, ANIMALS, STUDIES = 25, 6, 12
NAMES = ("peak_score", "cumulative_score", "incidence", "onset_day", "mortality")


def planned(dropout: float) -> Power:
    """Return a power analysis of rats of which some die and some are lost."""
    rat = load("lewis").replace(death_rate=0.2, death_severity=3.0)
    arms = [Arm("vehicle"), Arm("day 0", Bolus("1 g/kg").at(day=0))]
    return power(
        Study(rat, until=UNTIL, arms=arms),
        endpoints=NAMES,
        sizes=[ANIMALS],
        studies=100,
        pool=400,
        parameter_sets=1,
        dropout=dropout,
        seed=4,
    )


def written(result: Power, study: int, path: Path) -> Path:
    """Write the daily scores of one study as a laboratory would: 5 from death on, nothing after a loss."""
    pool, rows = result.trials.pool, []
    for place, arm in enumerate(("vehicle", "day 0")):
        drawn = pool.draw(arm, ANIMALS)
        scores, death = pool.result.scores(arm), pool.result.simulation.death_day[place]
        for animal in range(ANIMALS):
            rat, last = drawn.rat[study, animal], drawn.last[study, animal]
            for day in range(last + 1):
                score = 5.0 if day >= death[rat] else scores[rat, day]
                rows.append({"arm": arm, "animal": f"{place}.{animal}", "day": day, "score": score})
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


@pytest.mark.parametrize("dropout", [0.0, 0.4])
def test_scores_gives_the_p_values_that_power_counted(dropout: float, tmp_path: Path) -> None:
    result = planned(dropout)
    compared = dict.fromkeys(NAMES, 0)
    for study in range(STUDIES):
        path = written(result, study, tmp_path / f"{study}.csv")
        found = LaboratoryResult(read_scores(path, control="vehicle"), lost="exclude")
        if any(found.until(arm) < UNTIL for arm in found.arms):
            continue  # all were lost: a laboratory's table ends before
        for name in NAMES:
            own = found.tests["day 0", TESTS[name], name].p_value
            expected = result.trials.p_values("day 0", name, ANIMALS)[study]
            assert own == pytest.approx(expected, abs=1e-12, nan_ok=True), (study, name)
            compared[name] += np.isfinite(own)
    assert min(compared.values()) > 3, compared


def test_lost_animals_make_an_effect_harder_to_see() -> None:
    whole, lost = planned(0.0), planned(0.4)
    for name in ("peak_score", "cumulative_score", "onset_day", "incidence"):
        rates = [each.trials.rate("day 0", name, 12).value for each in (whole, lost)]
        assert rates[1] < rates[0] > 0.2


def test_a_test_that_loss_leaves_undone_is_no_absence_of_an_effect() -> None:
    lost = planned(0.4)
    found = lost.needed["day 0", "incidence"]
    assert found.untested
    assert not found.absent
    assert found.text().startswith("not tested: animals are lost in ")
    assert lost.absent() == []
    assert any(note.startswith("incidence") and "shares are not compared" in note for note in lost.notes())
    assert not planned(0.0).needed["day 0", "incidence"].untested
