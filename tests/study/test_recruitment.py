"""Entry of trials: hand-made courses, and patients who enter a given number of days after a relapse."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from eaesim.endpoints.onsets import relapse_onsets
from eaesim.errors import NothingComputedError, ProtocolError
from eaesim.model import load_subject
from eaesim.protocol import Arm, Bolus
from eaesim.protocol.entry import Entry
from eaesim.protocol.trial import Trial, TrialArm
from eaesim.study import recruitment
from eaesim.study.attacks import draw_attacks
from eaesim.study.patients import Courses, Patients, attacks_in, follow
from eaesim.study.recruitment import Recruiting, recruit

PATIENT = load_subject("patient")
ATTACKS = attacks_in(PATIENT)
ARMS = (TrialArm(Arm("placebo"), 10), TrialArm(Arm("IVIG", Bolus("0.4 g/kg").at(day=0)), 10))
DAYS = 730


def trial(**settings) -> Trial:
    return Trial(**({"name": "own", "until": 200, "arms": ARMS, "run_in": DAYS} | settings))


def course(*relapses: int) -> np.ndarray:
    """Return an EDSS of the run-in, whose last day is day 0, with relapses of 40 days at given days."""
    edss = np.full(DAYS + 1, 2.0)
    for day in relapses:
        edss[DAYS + day : DAYS + day + 40] = 3.5
    return edss


@pytest.fixture
def hand_made(monkeypatch: pytest.MonkeyPatch):
    """Replace the run-in by hand-made courses."""

    def made(*courses: np.ndarray, solved: tuple[bool, ...] = ()) -> None:
        edss = np.array(courses)
        state = np.zeros((len(courses), 3))
        if solved:
            state[~np.array(solved)] = np.nan

        def run_in(subjects, patients, *, seed, days, until, attacks, **_):
            drawn = draw_attacks(attacks, len(courses), seed=seed, start=0, end=until)
            before = Courses(edss[:, DAYS - days :], edss[:, DAYS - days :])
            number = np.arange(len(courses))
            return Patients(tuple(subjects), number, state, drawn, before, seed, len(courses), tuple(attacks))

        monkeypatch.setattr(recruitment, "run_in", run_in)

    return made


def entered(entry: Entry | None, **settings) -> list[int]:
    found = recruit(trial(entry=entry, **settings), [PATIENT], [ATTACKS], Recruiting(5, 1))
    return found.number.tolist()


def test_two_relapses_in_two_years(hand_made) -> None:
    hand_made(course(), course(-100), course(-300, -100), course(-700, -400, -20), course(-40, -39))
    assert entered(Entry(relapses=2, years=2)) == [2, 3]
    assert entered(Entry(relapses=1, years=1)) == [1, 2, 3, 4]
    assert entered(Entry(relapses=1, years=2)) == [1, 2, 3, 4]
    assert entered(Entry(relapses=3, years=2)) == [3]


def test_no_relapse_for_four_months(hand_made) -> None:
    hand_made(course(), course(-100), course(-130), course(-300, -119), course(-121))
    assert entered(Entry(stable=120)) == [0, 2, 4]


def test_everybody_without_an_entry_but_those_that_failed(hand_made) -> None:
    courses = [course(-day) for day in (50, 100, 200, 300, 400)]
    hand_made(*courses, solved=(True, False, True, True, True))
    assert entered(None) == [0, 2, 3, 4]
    assert entered(Entry(relapses=1, years=0.5)) == [0]


def test_a_failed_course_is_no_course_without_relapses(hand_made) -> None:
    failed = course()
    failed[:] = np.nan
    hand_made(course(), failed)
    assert entered(Entry(stable=120)) == [0]


def test_an_entry_that_nobody_meets_is_said_in_one_line(hand_made) -> None:
    hand_made(course(), course(-100))
    with pytest.raises(ProtocolError, match=r"^nobody of 5 meets the entry\.$"):
        entered(Entry(relapses=4, years=1))
    hand_made(*[course()] * 5, solved=(False,) * 5)
    with pytest.raises(NothingComputedError, match=r"^every patient failed\.$"):
        entered(None)


@pytest.mark.parametrize("run_in", [42, 300])
@pytest.mark.parametrize("within", [1, 14, 42])
@pytest.mark.parametrize("which", ["relapse_within", "first_attack_within"])
def test_patients_enter_within_so_many_days_of_a_relapse(which: str, within: int, run_in: int) -> None:
    busy = replace(ATTACKS, rate=20.0)
    asked = trial(entry=Entry(**{which: within}), run_in=run_in)
    found = recruit(asked, [PATIENT], [busy], Recruiting(60, 3))
    assert len(found.number) > 30
    # Readings after day 0 show the relapses that begin on the last days before it.
    after = follow(found, ARMS[0].arm, until=200, mechanism="none")
    edss = np.concatenate([found.before.edss, after.edss[:, 1:]], axis=1)
    onsets = relapse_onsets(edss, first_day=1 - found.before.edss.shape[1])
    seen = onsets.counts(-within, -1)
    # Few differ, whose disability from attacks before the run-in is not simulated.
    assert (seen > 0).mean() > 0.9
    if which == "first_attack_within":
        assert (onsets.counts(-10_000, -within - 1) == 0).all()
    day = found.attacks.day[np.isfinite(found.attacks.day)]
    assert ((day >= 0) & (day < 200)).all()
    assert len(day) > len(found.number)


def test_without_later_attacks_there_are_none_and_the_patients_are_the_same() -> None:
    entry = Entry(relapse_within=14)
    asked = trial(entry=entry, run_in=60, until=100)
    every = recruit(asked, [PATIENT], [ATTACKS], Recruiting(40, 3))
    alone = recruit(replace(asked, later_attacks=False), [PATIENT], [ATTACKS], Recruiting(40, 3))
    assert alone.attacks.day.size == 0
    assert every.attacks.day.size > 0
    assert (alone.state == every.state).all()


def test_more_patients_and_a_longer_trial_change_nobody() -> None:
    entry = Entry(relapses=1, years=1)
    few = recruit(trial(entry=entry, until=100), [PATIENT], [ATTACKS], Recruiting(30, 3))
    many = recruit(trial(entry=entry, until=300), [PATIENT], [ATTACKS], Recruiting(60, 3))
    same = many.number < 30
    assert (many.number[same] == few.number).all()
    assert (many.state[same] == few.state).all()


def test_entry_of_nobody_without_relapses() -> None:
    calm = replace(ATTACKS, rate=0.0)
    with pytest.raises(ProtocolError, match="nobody of 30 has a relapse within 730 days"):
        recruit(trial(entry=Entry(relapse_within=14)), [PATIENT], [calm], Recruiting(30, 3))


def test_the_disability_of_a_trial_is_that_before_its_attacks() -> None:
    calm = replace(ATTACKS, rate=0.0)
    for edss in (1.0, 5.0):
        found = recruit(trial(run_in=10, edss=edss), [PATIENT], [calm], Recruiting(60, 3))
        assert np.median(found.before.edss[:, -1]) == pytest.approx(edss, abs=0.3)
    assert found.drawn == 60
