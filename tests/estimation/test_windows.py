"""Windows on endpoints, and cells of other arms, in every question that is asked of a study."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim import timing
from eaesim.errors import EaesimError, NotKeptError, ProtocolError, QuantityError
from eaesim.estimation.comparison import compare
from eaesim.estimation.experiment import read_experiments
from eaesim.estimation.reading import Populations
from eaesim.interop.animal import typical_animal
from eaesim.protocol import Arm, Bolus, Immunisation, Transfer
from eaesim.questions.discriminate.proposals import read_proposals
from eaesim.questions.power.answer import power
from eaesim.questions.power.plan import TESTS
from eaesim.questions.schedule.answer import schedule
from eaesim.questions.schedule.optimise.evaluation import Evaluation
from eaesim.questions.schedule.optimise.limits import Limits, Planned
from eaesim.questions.sensitivity.answer import sensitivity
from eaesim.questions.sweep.answer import sweep
from eaesim.study import Study
from eaesim.workbench.figure.save import plot

EARLY = Arm("early", Bolus("1 g/kg").at(day=0))
DONORS = (Arm("vehicle"), Arm("donor"), Arm("other donor", Bolus("1 g/kg").at(day=0)))
WINDOW = "cumulative_score[6:12]"


def cells(name="cells", donor="donor", **options):
    return Arm(name, inductions=[Transfer(donor=donor, harvest=10)], **options)


def study(*arms, until=16, **options):
    return Study("lewis", until=until, arms=arms or (Arm("vehicle"), EARLY), **options)


def words(figure):
    return "\n".join(
        text.get_text() for axes in figure.axes for text in [axes.xaxis.label, axes.yaxis.label, axes.title]
    )


# A study


def test_a_study_reads_the_windows_it_names_and_no_other_without_courses():
    given = study(endpoints=["peak_score", " cumulative_score[ 6:12 ]", WINDOW])
    assert given.design.endpoints == (WINDOW,)
    kept, short = (given.run(animals=3, members=1, courses=courses) for courses in (True, False))
    for arm in kept.arms:
        np.testing.assert_array_equal(kept.endpoint(arm, WINDOW), kept.scores(arm)[:, 6:13].sum(axis=1))
        np.testing.assert_array_equal(kept.endpoint(arm, WINDOW), short.endpoint(arm, WINDOW))
    assert kept.table().index.get_level_values("endpoint").unique()[-1] == WINDOW
    assert list(kept.animals_table())[-4:-2] == ["relapse_cumulative_score", WINDOW]
    assert (
        kept.endpoint("early", "peak_score[:5]").tolist() == kept.scores("early")[:, :6].max(axis=1).tolist()
    )
    with pytest.raises(NotKeptError, match=r'"peak_score\[:5\]" was not read'):
        short.endpoint("early", "peak_score[:5]")
    with pytest.raises(QuantityError, match="days 0 to 16"):
        kept.mean("early", "peak_score[:17]")
    said = " ".join(words(plot(kept)).split())
    assert "cumulative score, days 6 to 12 (death = 5) prevented (%)" in said
    assert "peak score, days 0 to 5 (death = 5)" in words(plot(kept, endpoint="peak_score[:5]"))


# Sweeps


def test_a_sweep_keeps_windows_and_takes_cells_of_changed_donors():
    whole = study(*DONORS, cells(), cells("others", "other donor"), endpoints=[WINDOW], control="cells")
    values = {"arm.other donor.dose": ["0 g/kg", "1 g/kg"], "arm.others.induction.0.amount": [0.5, 1]}
    found = sweep(whole, values, animals=2, workers=1)
    rows = found.table(endpoint=WINDOW, arm="others").set_index("point")
    assert len(rows) == 4
    # An untreated donor is the other one: nothing differs but the amount.
    assert rows.loc[1, "effect"] == pytest.approx(0)
    by_hand = study(Arm("donor"), cells(), endpoints=[WINDOW]).run(animals=2, members=1)
    assert rows.loc[1, "mean"] == pytest.approx(by_hand.endpoint("cells", WINDOW).mean())
    assert rows.loc[3, "effect"] > 0.5
    assert "cumulative score, days 6 to 12" in found.sentence()
    assert "cumulative score, days 6 to 12" in "".join(text.get_text() for text in plot(found).texts) + words(
        plot(found)
    )


def test_a_sweep_may_not_end_before_a_window():
    with pytest.raises(EaesimError, match="days 0 to 10"):
        sweep(study(endpoints=[WINDOW]), {"until": [10, 16]}, animals=2, workers=1)


def test_a_sweep_changes_an_arms_own_parameter():
    own = Arm("own", parameters={"antigen_dose": 1.0})
    found = sweep(study(Arm("vehicle"), own), {"arm.own.parameters.antigen_dose": [0.01, 1]}, animals=4)
    effects = found.table(endpoint="peak_score", arm="own")["effect"].tolist()
    assert effects[1] == 0 != effects[0]


# Power


@pytest.fixture(scope="module")
def powered():
    names = [name if name != "mortality" else "mortality[0:16]" for name in TESTS]
    names += ["cumulative_score[0:16]", WINDOW, "onset_day[9:12]", "incidence[:11]", "mean_score[6:12]"]
    whole = study(Arm("vehicle"), EARLY, Arm("donor"), cells(), cells("again", "cells"))
    settings = {"studies": 160, "pool": 160, "parameter_sets": 1, "dropout": "40 %", "sizes": [6]}
    return power(whole, arms=["early", "again"], endpoints=names, **settings)


def test_power_compares_the_arms_asked_for_and_runs_their_donors(powered):
    assert powered.plan.arms == ("early", "again")
    assert set(powered.table()["arm"]) == {"early", "again"}
    arms = [arm.name for arm in powered.plan.study.design.arms]
    assert arms == ["vehicle", "early", "donor", "cells", "again"]
    assert powered.plan.settings()["arms"] == ["early", "again"]


def test_power_reads_a_window_as_a_study_does_but_for_lost_animals(powered):
    pool = powered.trials.pool
    drawn = pool.draw("early", 6)
    for name in powered.plan.endpoints:
        seen = ~pool.lost(name, drawn)
        expected = pool.result.endpoint("early", name)[drawn.rat]
        np.testing.assert_array_equal(pool.values("early", name, drawn)[seen], expected[seen], err_msg=name)
    # Who is lost before a window has no value in it, and no sum over it if lost within.
    assert np.isnan(pool.values("early", "onset_day[9:12]", drawn)[drawn.last < 9]).all()
    assert np.isnan(pool.values("early", WINDOW, drawn)[drawn.last < 12]).all()
    assert not np.isnan(pool.values("early", WINDOW, drawn)[drawn.last >= 12]).any()
    time, _ = pool.times("early", "onset_day[9:12]", drawn)
    assert np.isnan(time[drawn.last < 9]).all()
    assert (time[drawn.last >= 9] >= 9).all()
    assert (time[drawn.last >= 9] <= 12).all()


def test_the_power_of_a_window_that_is_the_run_is_that_of_the_run(powered):
    trials = powered.trials
    for one, other in (
        ("cumulative_score[0:16]", "cumulative_score"),
        ("mean_score", "cumulative_score"),
        ("mean_score[6:12]", WINDOW),
    ):
        np.testing.assert_array_equal(*(trials.p_values("early", name, 6) for name in (one, other)))


def test_the_figure_of_power_says_the_window_in_words():
    few = {"studies": 100, "pool": 100, "parameter_sets": 1, "sizes": [4]}
    figure = plot(power(study(), endpoints=[WINDOW], **few))
    said = "".join(" ".join(text.get_text().split()) for text in figure.texts)
    assert "cumulative score, days 6 to 12Mann-Whitney" in said


# The others


def test_sensitivity_of_a_window_and_of_cells():
    whole = study(*DONORS, cells(), endpoints=["peak_score[:3]"])
    few = {"parameters": ["divisions"], "trajectories": 4, "animals": 2, "workers": 1}
    found = sensitivity(whole, arm="cells", endpoint=WINDOW, **few)
    assert [arm.name for arm in found.plan.study.design.arms] == ["donor", "cells"]
    assert set(found.table["output"]) == {f"{WINDOW}: cells"}
    assert (found.table["mu_star"] > 0).all()
    assert "Cumulative score, days 6 to 12: cells" in "".join(text.get_text() for text in plot(found).texts)


def test_schedules_are_ranked_by_a_window():
    late = Arm("late", Bolus("0.2 g/kg", every=1, doses=2).at(day=9))
    found = schedule(study(Arm("vehicle"), EARLY, late), endpoint=WINDOW, animals=3, parameter_sets=1)
    assert found.ranked() == ["early", "late"]
    assert WINDOW in set(found.table()["endpoint"])
    assert "cumulative score, days 6 to 12" in found.sentence()


def test_the_best_schedule_is_searched_in_rats_that_are_given_cells():
    donor = Arm("donor", inductions=[Immunisation()])
    given = [Transfer(donor="donor", harvest=10)]
    limits = Limits(1000.0, 1, 0.0, 14.0)
    own = Evaluation(study(Arm("any"), donor, inductions=given), limits, WINDOW, "mean", None, 2, 1, 1)
    result = own.run({"one": (Planned(0.0, 1000.0),)})
    by_hand = study(Arm("donor"), cells()).run(animals=2, members=1)
    np.testing.assert_array_equal(result.endpoint("vehicle", WINDOW), by_hand.endpoint("cells", WINDOW))
    named = study(
        Arm("any"),
        Arm("vehicle", inductions=[Immunisation()]),
        inductions=[Transfer(donor="vehicle", harvest=10)],
    )
    with pytest.raises(ProtocolError, match="another name"):
        Evaluation(named, limits, WINDOW, "mean", None, 2, 1, 1).run({})


def test_timing_reads_windows_beside_its_own_endpoints():
    settings = {"induction": "immunisation", "days": [0], "animals": 3, "parameter_sets": 1}
    plain, found = timing("lewis", **settings), timing("lewis", endpoints=[WINDOW, "mean_score"], **settings)
    own = found.table[~found.table["endpoint"].isin([WINDOW, "mean_score"])].reset_index(drop=True)
    assert own.equals(plain.table)
    row = found.table.set_index("endpoint").loc[WINDOW]
    by_hand = study(EARLY, until=40).run(animals=3, members=1)
    assert row["treated"] == by_hand.endpoint("early", WINDOW).mean()


def test_a_design_that_would_tell_mechanisms_apart_may_have_a_window(tmp_path):
    text = '[mine]\ntitle = "t"\nexperiment = "da_immunised"\ndose = "1 g/kg"\nday = 0\nendpoint = "{}"\n'
    file = tmp_path / "designs.toml"
    file.write_text(text.format("mean_score[0:15]"), encoding="utf-8")
    trial = read_proposals(file)["mine"].trial
    course = read_experiments()["da_immunised"].course
    score = np.random.default_rng(1).integers(0, 4, (2, 3, course + 1)).astype(float)
    alive = np.full((2, 3), np.inf)
    seen = Populations(score, score, alive, score, np.zeros((2, 3, 2)), course, None)
    np.testing.assert_allclose(trial.values(seen), score[:, :, :16].mean(axis=2))
    file.write_text(text.format(f"mean_score[0:{course + 1}]"), encoding="utf-8")
    with pytest.raises(QuantityError, match=f"days 0 to {course}"):
        read_proposals(file)


def test_an_exchange_file_cannot_hold_cells_of_another_run():
    whole = study(*DONORS, cells())
    with pytest.raises(ProtocolError, match=r'arm "donor".*cells = NUMBER'):
        typical_animal(whole, arm="cells")
    half = study(Arm("half", inductions=[Transfer(amount=0.5)]))
    (event,) = typical_animal(half).events
    assert (event.amount, event.factor) == (0.5, "transferred_cells")


def test_cells_of_another_arm_are_no_published_experiment():
    rows = compare(study(*DONORS, cells()).run(animals=2, members=1))
    (reason,) = rows.loc[rows["group"] == "cells", "reason"]
    assert reason == "the cells come from another arm of the study."
