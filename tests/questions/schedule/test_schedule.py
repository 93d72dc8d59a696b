"""Schedules side by side."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from eaesim.endpoints import MemberEstimate
from eaesim.errors import ProtocolError, QuantityError, UnknownNameError
from eaesim.model import Drug
from eaesim.protocol import Arm, Bolus, Immunisation, Infusion, Relapse
from eaesim.questions.schedule.answer import OFF, ON, schedule
from eaesim.questions.schedule.figure import living_effect
from eaesim.questions.schedule.plan import ANTIBODIES, given, most_doses, plan_schedules
from eaesim.questions.schedule.request import ScheduleRequest
from eaesim.study import Study, load
from eaesim.study.plasmaruns import typical_peaks
from eaesim.workbench.figure.save import plot

VEHICLE = Arm("vehicle")
ONCE = Arm("once", Bolus("1 g/kg").at(day=0))
SPLIT = Arm("split", Bolus("0.2 g/kg", every="1 day", doses=5).at(day=0))
WEEKLY = Arm("weekly", Bolus("0.4 g/kg", every="7 days", doses=4).at(day=0))
ONSET = Arm("onset", Bolus("1 g/kg").at(onset="score >= 1"))


def study(*arms, until=24, **more):
    return Study("lewis", until=until, arms=[VEHICLE, *arms], **more)


@pytest.fixture(scope="module")
def found():
    return schedule(study(ONCE, SPLIT, WEEKLY, ONSET), animals=40, seed=3)


def test_the_same_dose_under_another_name_does_the_same():
    result = schedule(study(ONCE, Arm("again", Bolus("1 g/kg").at(day=0))), animals=20)
    assert result.effect("once") == result.effect("again")


def test_antibodies_that_clear_nothing_change_no_bit():
    result = schedule(study(SPLIT), animals=20, antibodies="0 1/day")
    np.testing.assert_array_equal(result.scores("split", OFF), result.scores("split", ON))
    assert result.effect("split", antibodies=ON) == result.effect("split")
    assert result.conclusion("split") == "holds"


def test_antibodies_take_igg_away_and_leave_the_untreated_rat_alone(found):
    plasma = {
        name: run.simulation.states["igg_plasma"][run.place("weekly")]
        for name, run in ((OFF, found.plain), (ON, found.immune))
    }
    assert (plasma[ON] <= plasma[OFF] * (1 + 1e-6)).all()
    assert plasma[ON][:, -1].mean() < 0.7 * plasma[OFF][:, -1].mean()
    np.testing.assert_array_equal(found.scores("vehicle", OFF), found.scores("vehicle", ON))


def test_only_repeated_schedules_are_run_with_antibodies(found):
    assert found.immune.arms == ("vehicle", "split", "weekly")
    assert found.effect("once", antibodies=ON) is None
    assert found.conclusion("once") == ""
    assert schedule(study(ONCE), animals=4).immune is None


def test_a_user_s_own_clearance_is_not_taken_away():
    rat = load("lewis").replace(**{ANTIBODIES: 0.5})
    plan = plan_schedules(Study(rat, until=24, arms=[VEHICLE, SPLIT]), ScheduleRequest())
    assert plan.study.rat.entries[ANTIBODIES].value == 0.5


def test_what_was_given_is_counted(found):
    weekly, once = found.given["weekly", OFF], found.given["once", OFF]
    assert (weekly.doses, weekly.volume) == (4.0, 4.0)
    assert weekly.grams == pytest.approx(1.6)
    counted = {name: value for name, value in once.row().items() if name[:3] not in ("igg", "day")}
    assert counted == {"doses": 1.0, "grams": 1.0, "volume": 10.0, "dosed": 1.0}


def test_doses_that_wait_are_counted_rat_by_rat(found):
    days = found.plain.simulation.triggered["onset", 0]
    assert found.given["onset", OFF].doses == pytest.approx(np.isfinite(days).mean())
    assert 0 < found.given["onset", OFF].dosed <= 1


def test_doses_after_the_last_day_are_not_counted():
    arm = Arm("late", Bolus("1 g/kg", every="5 days", doses=9).at(onset="score >= 1"))
    result = study(arm, until=24).run(animals=10)
    days = result.simulation.triggered["late", 0]
    expected = [0 if np.isnan(day) else int((24 - day) // 5) + 1 for day in days]
    assert given(result, arm, level=3).doses == pytest.approx(np.mean(expected))


def test_early_does_most_and_onset_nothing(found):
    assert found.ranked()[-1] == "onset"
    assert found.effect("once").value > 0.2
    assert abs(found.effect("onset").value) < 0.1
    assert "lowers cumulative score most" in found.sentence()


def test_nothing_beats_vehicle_is_said():
    late = schedule(study(ONSET), animals=40)
    assert late.sentence().startswith('Nothing beats "vehicle"')


def test_a_sure_schedule_is_not_passed_over_for_an_unsure_one(found, monkeypatch):
    def effect(self, arm, **_):
        value, low, high = {"once": (0.43, -0.01, 0.9), "onset": (0.23, 0.16, 0.3)}.get(arm, (0.0, -0.1, 0.1))
        return MemberEstimate(value, low, high, low, high)

    monkeypatch.setattr(type(found), "effect", effect)
    assert found.ranked()[0] == "once"
    assert 'but may do nothing; the first to beat "vehicle" is "onset"' in found.sentence()


def test_an_endpoint_that_is_better_when_later_is_refused():
    with pytest.raises(ProtocolError, match="better when later"):
        plan_schedules(study(ONCE), ScheduleRequest(endpoint="onset_day"))


def test_each_endpoint_has_a_conclusion_of_its_own(found, monkeypatch):
    def effect(self, arm, *, endpoint=None, antibodies=OFF):
        low = -0.1 if endpoint == "incidence" and antibodies == ON else 0.2
        return MemberEstimate(0.4, low, 0.6, low, 0.6)

    monkeypatch.setattr(type(found), "effect", effect)
    own = found.table().set_index(["arm", "antibodies", "endpoint"])["conclusion"]
    assert own["weekly", ON, "cumulative_score"] == "holds"
    assert own["weekly", ON, "incidence"] == "lost"


def test_the_table_has_a_row_for_every_schedule_and_antibodies(found):
    table = found.table()
    own = table[table["endpoint"] == "cumulative_score"]
    assert own["arm"].tolist() == [
        "vehicle",
        "vehicle",
        "once",
        "split",
        "split",
        "weekly",
        "weekly",
        "onset",
    ]
    assert own.set_index(["arm", "antibodies"]).loc[("once", "off"), "effect_per_gram"] == pytest.approx(
        found.effect("once").value
    )
    assert (own.loc[own["arm"] == "vehicle", "effect"] == 0).all()


def dots(axes):
    return [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "o"]


def test_the_figure_has_a_row_for_every_schedule(found, texts):
    figure = plot(found)
    doses, ranked, *_, plasma = figure.axes
    expected = []
    for name in found.ranked():
        each = (found.effect(name), found.effect(name, antibodies=ON))
        expected += [100 * own.value for own in each if own is not None]
    assert dots(ranked) == pytest.approx(expected)
    marks = [line for line in doses.lines if line.get_marker() == "v"]
    assert len(marks) == sum(
        line.dose.doses for arm in (ONCE, SPLIT, WEEKLY, ONSET) for line in arm.regimen.lines
    )
    assert [line.get_markerfacecolor() for line in marks].count("white") == 1
    assert len(plasma.lines) == 1 + 3
    given = int(np.isfinite(found.plain.simulation.triggered["onset", 0]).sum())
    assert f"1 g/kg; {given} of 40 rats" in texts(figure)


def test_the_living_are_read_before_their_death_alone():
    days, infinite = np.arange(4.0), np.inf
    simulation = SimpleNamespace(
        score=np.array([[[2.0, 4.0, 5.0, 5.0], [2.0, 2.0, 2.0, 2.0]], [[1.0, 2.0, 0.0, 0.0], [1.0] * 4]]),
        death_day=np.array([[2.0, infinite], [infinite, infinite]]),
    )
    result = SimpleNamespace(
        simulation=simulation, place=["vehicle", "once"].index, member=np.array([0, 0]), seed=1, days=days
    )
    # (0.75 + 1) / 2 against (3 + 2) / 2.
    assert living_effect(result, "once", "vehicle").value == pytest.approx(1 - 0.875 / 2.5)


@pytest.mark.parametrize(("number", "members"), [(1, 1), (3, 2), (8, 2)])
def test_the_page_keeps_the_style(number, members, page_faults, found):
    arms = [
        Arm(f"one gram for each kilogram, then less of it, way {day}", Bolus("1 g/kg").at(day=day))
        for day in range(number)
    ]
    own = schedule(study(*arms), animals=16, parameter_sets=members)
    assert page_faults(plot(own)) == []
    assert page_faults(plot(found)) == []


def test_a_dose_at_every_relapse_is_given_at_each_and_changes_nothing_before():
    rats = Study(
        "da",
        until=60,
        inductions=[Immunisation(), Relapse(35, adjuvant="complete")],
        arms=[
            VEHICLE,
            Arm("first", Bolus("1 g/kg").at(relapse="score rise >= 1")),
            Arm("every", Bolus("1 g/kg").at(relapse="every score rise >= 1")),
        ],
    ).run(animals=60, seed=2)
    days = np.column_stack([rats.simulation.triggered["every", place] for place in range(5)])
    np.testing.assert_array_equal(days[:, 0], rats.simulation.triggered["first", 0])
    assert np.isfinite(days[:, 1]).any()
    for one, following in zip(days.T, days.T[1:], strict=False):
        both = np.isfinite(following)
        assert np.isfinite(one[both]).all()
        assert (following[both] > one[both] + 1).all()


@pytest.mark.parametrize(
    ("arms", "message"), [([], "only arm"), ([Arm("none", Bolus("0 g/kg").at(day=0))], "every dose is 0")]
)
def test_what_cannot_be_compared_is_said(arms, message):
    with pytest.raises(ProtocolError, match=message):
        plan_schedules(study(*arms), ScheduleRequest())


def test_a_dose_past_the_end_is_refused():
    with pytest.raises(ProtocolError, match="lies past the end"):
        study(Arm("long", Bolus("1 g/kg", every="7 days", doses=5).at(day=0)))


def test_bad_settings_are_refused():
    with pytest.raises(UnknownNameError, match="cumulative_score"):
        plan_schedules(study(ONCE), ScheduleRequest(endpoint="cumulative_scor"))
    with pytest.raises(QuantityError, match="antibodies"):
        ScheduleRequest(antibodies="-1 1/day")


def test_an_endpoint_that_no_rat_reaches_is_said():
    with pytest.raises(ProtocolError, match="choose another endpoint"):
        schedule(study(ONCE, until=3), animals=4, endpoint="peak_score")


def test_an_infusion_counts_as_a_dose():
    arm = Arm("slow", Infusion("0.4 g/kg", over="4 h", every="1 day", doses=5).at(day=0))
    assert most_doses(arm) == 5
    assert most_doses(Arm("other", Bolus("10 mg/kg", drug="methylprednisolone", doses=1).at(day=0))) == 0


def test_a_blocker_of_fcrn_shows_in_the_exposure_to_igg():
    blocker = Drug.from_table(
        "igg_blocker",
        title="blocker of FcRn",
        source="assumed",
        disposition={"volume": "40 mL/kg", "elimination": "0.5 1/day"},
        action=[{"does": "competes_for_fcrn", "per_concentration": 100.0}],
    )
    both = Bolus("1 g/kg").at(day=0) + Bolus("30 mg/kg", drug=blocker).at(day=2)
    result = schedule(study(ONCE, Arm("both", both)), animals=6, parameter_sets=1)
    rows = result.table().drop_duplicates("arm").set_index("arm")
    assert rows.loc["both", "igg_area"] < 0.8 * rows.loc["once", "igg_area"]
    assert rows.loc["both", "igg_peak"] == rows.loc["once", "igg_peak"]
    peaks = typical_peaks(load("lewis"), result.plan.study.design)
    assert peaks[1] == pytest.approx(peaks[2])
