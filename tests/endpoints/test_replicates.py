"""Many trials drawn from pools: who is in them, what each endpoint reads, and what the trials find."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from eaesim.endpoints.enrolment import YEAR, Enrolled, enrol
from eaesim.endpoints.patients import PatientReadings, joined_readings, read_patients
from eaesim.endpoints.replicates import MEASURES, Comparison, arm_value, compare, joined_comparisons, predict
from eaesim.endpoints.trialendpoints import TRIAL_ENDPOINTS, trial_endpoint
from eaesim.endpoints.trialsample import ArmWindow
from eaesim.endpoints.visits import ProgressionRule, visit_days
from eaesim.errors import QuantityError, UnknownNameError

RUN_IN, UNTIL, POOL = 40, 400, 300
VISITS = visit_days(UNTIL, also=(7, 400))


def courses(*, rate: float, seed: int = 1, pool: int = POOL, drift: float = 0.0) -> np.ndarray:
    """Return the daily EDSS of patients with attacks that come at random, from day -40 to day 400."""
    random = np.random.default_rng(seed)
    day = np.arange(-RUN_IN, UNTIL + 1.0)
    edss = 2.0 + random.uniform(0, 2, (pool, 1)) + drift * np.maximum(day, 0) / YEAR
    for patient in range(pool):
        own = rate * random.gamma(0.7, 1 / 0.7)
        for start in random.uniform(-RUN_IN, UNTIL, random.poisson(own * len(day) / YEAR)):
            after = np.maximum(day - start, 0.0)
            edss[patient] += 1.8 * np.exp(-after / 30.0) * (1.0 - np.exp(-after))
    return np.clip(edss, 0, 10)


def readings(edss: np.ndarray, **settings: object) -> PatientReadings:
    return read_patients(edss, edss / 10, visits=VISITS, first_day=-RUN_IN, **settings)


def everyone(pool: PatientReadings, *, stop: float = np.inf, **window: object) -> ArmWindow:
    """Return one trial in which every patient of the pool is, once."""
    person = np.arange(pool.patients)[None]
    days = {"first": 0, "last": UNTIL} | window
    return ArmWindow(pool, Enrolled(person, np.full(person.shape, stop)), **days)


@pytest.fixture(scope="module")
def placebo() -> PatientReadings:
    return readings(courses(rate=2.0))


@pytest.fixture(scope="module")
def treated() -> PatientReadings:
    return readings(courses(rate=0.8))


def trials(treated: PatientReadings, placebo: PatientReadings, **settings: object) -> tuple[list, list]:
    arms = enrol((40, 35), eligible=POOL, trials=300, seed=3, **settings)
    return tuple([ArmWindow(pool, arm, 0, UNTIL)] for pool, arm in zip((treated, placebo), arms, strict=True))


def test_all_patients_of_a_trial_are_different_persons() -> None:
    arms = enrol((60, 50, 40), eligible=200, trials=400, seed=1)
    assert [arm.person.shape for arm in arms] == [(400, 60), (400, 50), (400, 40)]
    together = np.sort(np.hstack([arm.person for arm in arms]), axis=1)
    assert (np.diff(together, axis=1) > 0).all()
    assert (together >= 0).all()
    assert (together < 200).all()
    for arm in arms:
        # Each person is in each arm equally often: binomial counts, with less spread than a free draw has.
        counts = np.bincount(arm.person.ravel(), minlength=200)
        share = arm.person.shape[1] / 200
        assert ((counts - 400 * share) ** 2).mean() == pytest.approx(400 * share * (1 - share), rel=0.35)
    whole = np.hstack([arm.person for arm in enrol((3, 2), eligible=5, trials=6_000, seed=1)])
    assert (np.sort(whole, axis=1) == np.arange(5)).all()
    for place in range(5):
        assert stats.chisquare(np.bincount(whole[:, place])).pvalue > 1e-3


def test_a_small_pool_leaves_the_spread_of_a_difference_as_it_is() -> None:
    # From an unlimited population the difference of two means has the variance S^2 (1 / 30 + 1 / 20).
    value = np.random.default_rng(1).gamma(1.0, 1.0, 100)
    one, two = (
        value[arm.person].mean(axis=1) for arm in enrol((30, 20), eligible=100, trials=20_000, seed=2)
    )
    assert (one - two).var() == pytest.approx(value.var(ddof=1) * (1 / 30 + 1 / 20), rel=0.03)
    assert one.var() == pytest.approx(value.var(ddof=1) / 30 * (1 - 30 / 100), rel=0.03)


def test_only_those_who_meet_the_criteria_are_enrolled() -> None:
    eligible = np.array([3, 8, 21, 50, 77, 90])
    for arm in enrol((3, 3), eligible=eligible, trials=50, seed=1):
        assert set(arm.person.ravel().tolist()) <= set(eligible.tolist())


def test_draws_depend_on_the_seed_and_the_parameter_set_and_not_on_losses() -> None:
    def persons(**settings: float) -> np.ndarray:
        arms = enrol((5, 5), eligible=100, trials=20, **({"seed": 1} | settings))
        return np.hstack([arm.person for arm in arms])

    assert (persons() == persons(dropout=0.3)).all()
    assert (persons() != persons(seed=2)).mean() > 0.9
    assert (persons() != persons(parameter_set=1)).mean() > 0.9


def test_a_tenth_is_lost_in_a_year() -> None:
    (arm,) = enrol((500,), eligible=1_000, trials=100, seed=1, dropout=0.1)
    assert (arm.stop < YEAR).mean() == pytest.approx(0.1, abs=0.005)
    assert (arm.stop < 2 * YEAR).mean() == pytest.approx(0.19, abs=0.008)


def test_a_trial_that_cannot_be_drawn_is_refused() -> None:
    for settings, words in (
        ({"sizes": (0, 5)}, "an arm of 0 patients"),
        ({"eligible": 9}, "9 simulated patients meet the entry criteria, and a trial has 10"),
        ({"trials": 0}, "0 trials"),
        ({"dropout": 1.0}, "dropout = 1.0"),
        ({"dropout": -0.1}, "dropout = -0.1"),
    ):
        asked = {"sizes": (5, 5), "eligible": 50, "trials": 3, "seed": 1} | settings
        with pytest.raises(QuantityError, match=words):
            enrol(asked.pop("sizes"), **asked)


def test_readings_of_chunks_are_those_of_all_at_once(placebo: PatientReadings) -> None:
    edss = courses(rate=2.0)
    joined = joined_readings([readings(edss[:100]), readings(edss[100:250]), readings(edss[250:])])
    for name in ("edss", "activity", "relapses"):
        assert (getattr(joined, name) == getattr(placebo, name)).all()
    assert (joined.onsets.patient == placebo.onsets.patient).all()
    other = read_patients(edss, edss, visits=(0, 91), first_day=-RUN_IN)
    with pytest.raises(QuantityError, match="different days"):
        joined_readings([placebo, other])


def test_what_is_read_is_in_the_course(placebo: PatientReadings) -> None:
    edss = courses(rate=2.0)
    assert placebo.activity[:, -1] == pytest.approx(edss[:, RUN_IN:].sum(axis=1) / 10)
    assert np.abs(placebo.edss - edss[:, [day + RUN_IN for day in VISITS]]).max() <= 0.25
    noisy = readings(edss, errors=np.full((POOL, len(VISITS)), 10.0))
    assert (noisy.edss - placebo.edss).mean() == pytest.approx(1.4, abs=0.05)


def test_bad_readings_are_refused() -> None:
    edss = np.full((2, 50), 2.0)
    gap = edss.copy()
    gap[1, 3] = np.nan
    for course, inflammation, settings, words in (
        (gap, edss, {}, "EDSS of patient 1 on day 3"),
        (edss, gap, {}, "an inflammation is missing"),
        (edss, edss[:, 1:], {}, "give the same"),
        (edss, edss, {"visits": (0, 50)}, "from 0 to 49"),
        (edss, edss, {"visits": (10, 5)}, "ascending"),
        (edss, edss, {"visits": ()}, "visits on days"),
        (edss, edss, {"first_day": 3}, "read from day 0 on"),
    ):
        with pytest.raises(QuantityError, match=words):
            read_patients(course, inflammation, **({"visits": (0, 40)} | settings))


def test_relapses_of_windows_add_up(placebo: PatientReadings) -> None:
    def sample(first: int, last: int) -> tuple[np.ndarray, float]:
        found = TRIAL_ENDPOINTS["relapse_rate"].read(everyone(placebo, first=first, last=last))
        return found.value[0], found.years[0, 0]

    whole, early, late = sample(0, 400), sample(0, 150), sample(150, 400)
    assert (whole[0] == early[0] + late[0]).all()
    assert whole[1] == pytest.approx(early[1] + late[1]) == pytest.approx(400 / YEAR)
    assert (whole[0] == placebo.onsets.counts(1, 400)).all()
    assert whole[0].sum() > 100


def test_the_rate_is_events_over_person_time(placebo: PatientReadings) -> None:
    events = placebo.onsets.counts(1, 200).sum()
    arm = everyone(placebo, stop=200.0)
    assert arm_value("relapse_rate", [arm]).estimate == pytest.approx(events / (POOL * 200 / YEAR))
    free = (placebo.onsets.counts(1, 200) == 0).mean()
    assert arm_value("relapse_free", [arm]).estimate == pytest.approx(free)


def test_losses_leave_rates_and_hazards_where_they_were(
    treated: PatientReadings, placebo: PatientReadings
) -> None:
    whole, lost = trials(treated, placebo), trials(treated, placebo, dropout=0.4)
    for name, measure in (("relapse_rate", "ratio"), ("first_relapse_day", "hazard_ratio")):
        without, with_losses = (np.log(compare(name, measure, *arms).estimate) for arms in (whole, lost))
        assert with_losses.mean() == pytest.approx(without.mean(), abs=0.06)
        assert with_losses.std() > 1.02 * without.std()


def test_a_patient_lost_on_the_first_day_is_nobody(placebo: PatientReadings) -> None:
    arm = everyone(placebo, stop=0.0)
    for name in TRIAL_ENDPOINTS:
        assert np.isnan(arm_value(name, [arm]).estimate).all(), name
        found = compare(name, TRIAL_ENDPOINTS[name].measures[-1], [arm], [everyone(placebo)])
        assert np.isnan(found.estimate).all(), name
        assert np.isnan(found.p_value).all(), name
        assert predict(found).undefined == 1.0


def test_the_first_relapse_is_the_first_after_the_window_begins(placebo: PatientReadings) -> None:
    sample = TRIAL_ENDPOINTS["first_relapse_day"].read(everyone(placebo, first=150, last=350))
    counts = placebo.onsets.counts(151, 350)
    assert (sample.seen[0] == (counts > 0)).all()
    assert (sample.value[0][counts == 0] == 200).all()
    patient = int(np.flatnonzero(counts > 0)[0])
    own = placebo.onsets.day[placebo.onsets.patient == patient]
    assert sample.value[0, patient] == own[own > 150].min() - 150


def test_edss_and_activity_end_at_the_last_visit_attended(placebo: PatientReadings) -> None:
    arm = everyone(placebo, stop=100.0)  # the visit of day 91 was the last
    at = VISITS.index(91)
    change = TRIAL_ENDPOINTS["edss_change"].read(arm).value[0]
    assert (change == placebo.edss[:, at] - placebo.edss[:, 0]).all()
    activity = TRIAL_ENDPOINTS["mri_activity"].read(arm)
    assert activity.years[0, 0] == pytest.approx(91 / YEAR)
    assert activity.value[0] == pytest.approx(placebo.activity[:, at] - placebo.activity[:, 0])
    assert np.isnan(TRIAL_ENDPOINTS["edss_gain_share"].read(arm).value).all()
    with pytest.raises(QuantityError, match="hold 0 of the visits"):
        arm_value("edss_change", [everyone(placebo, first=20, last=30)])


def test_a_gain_of_one_point_by_a_week() -> None:
    edss = np.full((3, UNTIL + RUN_IN + 1), 5.0)
    edss[0, RUN_IN + 7 :], edss[1, RUN_IN + 7 :], edss[2, RUN_IN + 8 :] = 4.0, 4.5, 2.0
    arm = everyone(readings(edss), last=7)
    assert TRIAL_ENDPOINTS["edss_gain_share"].read(arm).value.tolist() == [[1.0, 0.0, 0.0]]
    assert arm_value("edss_gain_share", [arm]).estimate == pytest.approx(1 / 3)


def test_progression_needs_the_visit_that_confirms_it() -> None:
    edss = np.full((2, UNTIL + RUN_IN + 1), 2.0)
    edss[0, RUN_IN + 90 :] = 3.5
    pool = readings(edss)
    share = [
        float(arm_value("confirmed_progression", [everyone(pool, stop=stop)]).estimate[0])
        for stop in (np.inf, 182.0, 181.0)
    ]
    assert share == [0.5, 0.5, 0.0]
    sample = TRIAL_ENDPOINTS["confirmed_progression"].read(everyone(pool))
    assert (sample.value.tolist(), sample.seen.tolist()) == ([[91.0, 400.0]], [[True, False]])
    # That rise began with a relapse on day 90: with its visit set aside, it begins at the next.
    aside = replace(everyone(pool), progression=ProgressionRule(after_relapse=30))
    assert TRIAL_ENDPOINTS["confirmed_progression"].read(aside).value.tolist() == [[182.0, 400.0]]


def test_a_visit_is_during_a_relapse_from_its_onset_on() -> None:
    edss = np.full((3, UNTIL + RUN_IN + 1), 2.0)
    for patient, onset in enumerate((-10, 89, 91)):
        edss[patient, RUN_IN + onset : RUN_IN + onset + 20] = 4.0
    pool = readings(edss)
    assert pool.onsets.day.tolist() == [-10, 89, 91]
    visits = [VISITS.index(day) for day in (0, 7, 91)]
    assert pool.during_relapse(1)[:, visits].tolist() == [[False] * 3, [False] * 3, [False, False, True]]
    assert pool.during_relapse(3)[:, visits].tolist() == [[False] * 3] + [[False, False, True]] * 2
    assert not pool.during_relapse(2)[1].any()
    assert pool.during_relapse(11)[0, visits].tolist() == [True, False, False]


def test_every_endpoint_measure_and_test_gives_a_number(
    treated: PatientReadings, placebo: PatientReadings
) -> None:
    arms = trials(treated, placebo, dropout=0.1)
    for name, endpoint in TRIAL_ENDPOINTS.items():
        assert set(endpoint.measures) <= set(MEASURES)
        for measure in endpoint.measures[1:]:
            for test in endpoint.tests:
                found = compare(name, measure, *arms, test=test)
                assert found.estimate.shape == found.p_value.shape == (300,)
                assert ((found.p_value >= 0) & (found.p_value <= 1)).all(), (name, test)
                assert found.test == test
        assert np.isnan(arm_value(name, arms[0]).p_value).all()


def test_an_effective_drug_is_seen_in_the_right_direction(
    treated: PatientReadings, placebo: PatientReadings
) -> None:
    arms = trials(treated, placebo)
    for name, measure, lower in (
        ("relapse_rate", "ratio", 1.0),
        ("relapse_rate", "difference", 0.0),
        ("first_relapse_day", "hazard_ratio", 1.0),
    ):
        found = predict(compare(name, measure, *arms))
        assert found.low < found.predicted < found.high
        assert found.predicted < lower
        assert found.significant > 0.3
    assert predict(compare("relapse_free", "ratio", *arms)).predicted > 1
    # The two arms' values, and the ratio of the two trial by trial.
    values = [arm_value("relapse_rate", arm).estimate for arm in arms]
    assert compare("relapse_rate", "ratio", *arms).estimate == pytest.approx(values[0] / values[1])
    exchanged = compare("relapse_rate", "ratio", *arms[::-1])
    assert exchanged.estimate == pytest.approx(values[1] / values[0])
    assert exchanged.p_value == pytest.approx(compare("relapse_rate", "ratio", *arms).p_value)


def test_without_an_effect_about_one_trial_in_twenty_is_significant() -> None:
    pool = readings(courses(rate=2.0, pool=1_500, drift=0.6))
    sizes, number = (40, 35), 3_000
    arms = [[ArmWindow(pool, arm, 0, UNTIL)] for arm in enrol(sizes, eligible=1_500, trials=number, seed=5)]
    for name, endpoint in TRIAL_ENDPOINTS.items():
        for test in endpoint.tests:
            p_value = compare(name, endpoint.measures[1], *arms, test=test).p_value
            rate = (p_value < 0.05).mean()
            # Fisher's test and that of rare events are conservative; none is more than a little liberal.
            assert rate < 0.066, (name, test)
            if name in ("relapse_rate", "first_relapse_day", "edss_change", "mri_activity"):
                assert rate > 0.035, (name, test)
                assert stats.kstest(p_value, "uniform").statistic < 0.06, (name, test)


def test_arms_of_one_patient_and_a_disease_that_never_strikes(placebo: PatientReadings) -> None:
    quiet = readings(np.full((POOL, UNTIL + RUN_IN + 1), 2.0))
    alone = [[ArmWindow(placebo, arm, 0, UNTIL)] for arm in enrol((1, 1), eligible=POOL, trials=50, seed=1)]
    calm = [[ArmWindow(quiet, arm, 0, UNTIL)] for arm in enrol((20, 20), eligible=POOL, trials=50, seed=1)]
    for name, endpoint in TRIAL_ENDPOINTS.items():
        for measure in endpoint.measures[1:]:
            for test in endpoint.tests:
                found = compare(name, measure, *alone, test=test)
                known = found.p_value[~np.isnan(found.p_value)]
                assert ((known > 0.05) & (known <= 1)).all(), (name, test)
                assert (compare(name, measure, *calm, test=test).p_value == 1).all(), (name, test)
    none = {"relapse_rate": 0, "relapse_free": 1, "first_relapse_day": np.inf, "edss_change": 0}
    for name, value in none.items():
        assert (arm_value(name, calm[0]).estimate == value).all()
    for name, measure in (("relapse_rate", "ratio"), ("first_relapse_day", "hazard_ratio")):
        assert predict(compare(name, measure, *calm)).undefined == 1.0


def test_a_crossover_compares_two_windows_of_the_same_patients(
    treated: PatientReadings, placebo: PatientReadings
) -> None:
    # Half the course under the drug: the first 200 days in one sequence, the last 200 in the other.
    drug, none = courses(rate=0.5), courses(rate=2.5)
    middle = RUN_IN + 200
    first = readings(np.hstack([drug[:, :middle], none[:, middle:]]))
    second = readings(np.hstack([none[:, :middle], drug[:, middle:]]))
    arms = enrol((13, 12), eligible=POOL, trials=200, seed=2, dropout=0.3)

    def windows(*days: tuple[int, int]) -> list[ArmWindow]:
        return [
            ArmWindow(pool, arm, *span) for pool, arm, span in zip((first, second), arms, days, strict=True)
        ]

    on, off = windows((0, 200), (200, 400)), windows((200, 400), (0, 200))
    for name, measure in (
        ("relapse_rate", "ratio"),
        ("mri_activity", "ratio"),
        ("relapse_free", "difference"),
    ):
        found = compare(name, measure, on, off, paired=True)
        assert found.test in ("signed_rank", "mcnemar")
        assert predict(found).significant > 0.2
    # Those lost before their second period are not read in it, and left out of the first.
    rates = [[TRIAL_ENDPOINTS["relapse_rate"].read(part) for part in side] for side in (on, off)]
    value, years = (
        [np.hstack([getattr(part, name) for part in side]) for side in rates] for name in ("value", "years")
    )
    both = ~np.isnan(value[0] + value[1])
    assert 0.7 < both.mean() < 0.95
    by_hand = [
        np.where(both, count, 0).sum(axis=1) / np.where(both, time, 0).sum(axis=1)
        for count, time in zip(value, years, strict=True)
    ]
    assert compare("relapse_rate", "ratio", on, off, paired=True).estimate == pytest.approx(
        by_hand[0] / by_hand[1]
    )
    with pytest.raises(QuantityError, match="is not compared between two periods"):
        compare("first_relapse_day", "hazard_ratio", on, off, paired=True)
    with pytest.raises(QuantityError, match="different patients"):
        compare("relapse_rate", "ratio", on[:1], off[1:], paired=True)


def test_names_that_are_none_are_refused_with_the_closest(placebo: PatientReadings) -> None:
    arm = [everyone(placebo)]
    with pytest.raises(UnknownNameError, match='did you mean "relapse_rate"'):
        trial_endpoint("relapse_rates[0:365]")
    with pytest.raises(UnknownNameError, match='did you mean "hazard_ratio"'):
        compare("first_relapse_day", "hazardratio", arm, arm)
    with pytest.raises(UnknownNameError, match='"ratio" is not a measure of edss_change'):
        compare("edss_change", "ratio", arm, arm)
    with pytest.raises(UnknownNameError, match='"value" is not a measure of relapse_rate'):
        compare("relapse_rate", "value", arm, arm)
    with pytest.raises(UnknownNameError, match='did you mean "log_rank"'):
        compare("first_relapse_day", "hazard_ratio", arm, arm, test="logrank")
    with pytest.raises(QuantityError, match="days 100 to 100"):
        everyone(placebo, first=100, last=100)
    with pytest.raises(QuantityError, match="days 0 to 401"):
        everyone(placebo, last=401)


def test_the_prediction_is_that_of_the_trials_with_an_estimate() -> None:
    estimate = np.array([0.2, 0.4, 0.6, 0.8, np.inf, np.nan, np.nan, np.nan])
    p_value = np.array([0.01, 0.04, 0.2, 0.6, 0.001, 1.0, 1.0, np.nan])
    found = predict(Comparison(estimate, p_value, "rank"), published_low=0.3, published_high=0.7)
    assert (found.predicted, found.low, found.high) == (0.6, 0.2, np.inf)
    assert found.within == pytest.approx(2 / 5)
    assert found.significant == pytest.approx(3 / 7)
    assert found.undefined == pytest.approx(3 / 8)
    value = predict(Comparison(np.arange(1.0, 101.0), np.full(100, np.nan)))
    assert (value.predicted, value.low, value.high) == (50.5, 5.0, 95.0)
    assert np.isnan([value.within, value.significant]).all()
    nothing = predict(Comparison(np.full(3, np.nan), np.full(3, np.nan)))
    assert nothing.undefined == 1
    assert np.isnan(nothing.predicted)
    with pytest.raises(QuantityError, match=r"from 0\.7 to 0\.2; swap its ends"):
        predict(Comparison(estimate, p_value), published_low=0.7, published_high=0.2)


def test_parameter_sets_are_joined_trial_by_trial() -> None:
    parts = [Comparison(np.full(3, value), np.full(3, value / 10), "rank") for value in (1.0, 2.0)]
    joined = joined_comparisons(parts)
    assert (joined.estimate.tolist(), joined.test) == ([1, 1, 1, 2, 2, 2], "rank")
    assert joined.p_value.tolist() == [0.1, 0.1, 0.1, 0.2, 0.2, 0.2]
