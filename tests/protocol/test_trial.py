"""Trial files: what is refused, what is read back, and every published number typed a second time."""

from __future__ import annotations

import copy
import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eaesim.errors import EaesimError, FileError, ProtocolError, QuantityError, UnknownNameError
from eaesim.files import parse_toml
from eaesim.model.bibliography import bibliography
from eaesim.protocol.arm import Arm
from eaesim.protocol.attacks import AttackSettings
from eaesim.protocol.dose import Bolus, parse_dose
from eaesim.protocol.entry import Entry
from eaesim.protocol.outcome import MEASURES, TRIAL_ENDPOINTS, Published
from eaesim.protocol.trial import Trial, TrialArm
from eaesim.protocol.trialfile import not_simulable, read_trial, trial_names, trial_of

GOOD = """
[study]
subject = "patient"
until = 730
run_in = "2 years"
mechanism = "H1a"
[attacks]
rate = "calibrate"
[[arm]]
name = "placebo"
patients = 73
[[arm]]
name = "IVIG"
patients = 75
dose = "0.2 g/kg over 4 h every 28 day x 26"
[trial]
entry = { relapses = 2, years = 2 }
dropout = "10 %/year"
placebo = { endpoint = "relapse_rate", value = 1.26 }
[[trial.published]]
endpoint = "relapse_rate"
measure = "ratio"
arm = "IVIG"
value = 0.41
low = 0.24
high = 0.71
source = "Fazekas1997"
"""

# From, to, error, message.
BAD = [
    ('endpoint = "relapse_rate"\n', 'endpoint = "relapse_rat"\n', UnknownNameError, '"relapse_rate"[?]'),
    ('measure = "ratio"', 'measure = "ratoi"', UnknownNameError, 'did you mean "ratio"'),
    ("low = 0.24", "lwo = 0.24", UnknownNameError, 'did you mean "low"'),
    ("run_in", "runin", UnknownNameError, 'did you mean "run_in"'),
    ("patients = 75", "patient = 75", UnknownNameError, 'did you mean "patients"'),
    ("patients = 75\n", "", ProtocolError, "patients"),
    ('rate = "calibrate"', "rate = -1", QuantityError, "rate = -1 is negative"),
    ('rate = "calibrate"', 'rate = "calibrated"', QuantityError, 'or "calibrate"'),
    ('rate = "calibrate"', "microbial = 1.5", QuantityError, "the most is 1"),
    ('rate = "calibrate"', "rates = 1", UnknownNameError, 'did you mean "rate"'),
    ("patients = 73", 'patients = 73\ndose = "1 g/kg"', ProtocolError, "without doses"),
    ('name = "placebo"', 'name = "IVIG"', ProtocolError, 'two arms are named "IVIG"'),
    ("patients = 73", "patients = 0", QuantityError, 'arm "placebo": patients 0'),
    ("patients = 73", "patients = 7.3", QuantityError, "whole number"),
    ("low = 0.24", "low = 0.8", QuantityError, "low = 0.8 lies above high = 0.71"),
    ("value = 0.41", "value = 0.2", QuantityError, "value = 0.2 between low = 0.24"),
    ("value = 0.41\n", "", ProtocolError, "neither a value"),
    ("low = 0.24\n", "", QuantityError, "stand together"),
    ("value = 0.41", "value = -0.41", QuantityError, None),
    ("value = 0.41", 'value = "0.41"', QuantityError, "not a number"),
    ('arm = "IVIG"', 'arm = "placebo"', ProtocolError, "compares another arm"),
    ('run_in = "2 years"', "run_in = 2", QuantityError, "no unit"),
    ('run_in = "2 years"', 'run_in = "2"', QuantityError, "no unit"),
    ('run_in = "2 years"', 'run_in = "1 year"', ProtocolError, "nobody meets the entry"),
    ('run_in = "2 years"', 'run_in = "2 g"', QuantityError, "does not fit"),
    ('arm = "IVIG"', 'arm = "IVG"', UnknownNameError, 'did you mean "IVIG"'),
    ("dropout =", 'sequence = ["IVIG", "placbo"]\ndropout =', UnknownNameError, 'did you mean "placebo"'),
    ("dropout =", 'sequence = ["IVIG", "placebo"]\ndropout =', ProtocolError, None),
    ("dropout =", 'sequence = "IVIG"\ndropout =', ProtocolError, "list of arms"),
    ("relapses = 2, years = 2", "relapse = 2, years = 2", UnknownNameError, 'did you mean "relapses"'),
    ("relapses = 2, years = 2", "relapses = 2", ProtocolError, "needs years"),
    ("relapses = 2, years = 2", 'relapses = 2, years = 2, stable = "1 week"', ProtocolError, "one condition"),
    ("relapses = 2, years = 2", "relapse_within = 14", QuantityError, "no unit"),
    ("relapses = 2, years = 2", "relapses = 2.5, years = 2", QuantityError, "whole number"),
    ("relapses = 2, years = 2", "relapses = 2, years = nan", QuantityError, "above 0"),
    ("relapses = 2, years = 2", "", ProtocolError, "entry says nothing"),
    ("patients = 75\n", 'patients = 75\ndrug = "ivg"\n', UnknownNameError, 'did you mean "ivig"'),
    ('mechanism = "H1a"', 'mechanism = "H1c"', UnknownNameError, "H1a"),
    ("10 %/year", "101 %/year", QuantityError, "dropout"),
    ("10 %/year", "10 %", QuantityError, "a share a year"),
    ("10 %/year", "-1 %/year", QuantityError, "negative"),
    ("placebo = {", "placebo_row = {", UnknownNameError, 'did you mean "placebo"'),
    ('placebo = { endpoint = "relapse_rate", value = 1.26 }', "", ProtocolError, "needs the number"),
    ('{ endpoint = "relapse_rate"', '{ endpoint = "relapse_free"', QuantityError, "share"),
    ('"relapse_rate", value = 1.26', '"relapse_rate"', ProtocolError, "value"),
    ('source = "Fazekas1997"', 'source = "Fazekas1979"', UnknownNameError, 'did you mean "Fazekas1997"'),
    ('source = "Fazekas1997"', "source = []", ProtocolError, "no source"),
    ("low = 0.24", 'low = 0.24\nuse = "hold"', UnknownNameError, "hold out"),
    ("low = 0.24", "low = 0.24\np = 1.5", QuantityError, "not from 0 to 1"),
    ("low = 0.24", 'low = 0.24\nuntil = "3 years"', ProtocolError, "are not all between"),
    ("low = 0.24", "low = 0.24\nsince = 365\nuntil = 300", QuantityError, "lies past"),
    ("every 28 day x 26", "every 28 day x 28", ProtocolError, "lies past the end of the trial"),
    ("dropout =", 'background = "aspirin"\ndropout =', UnknownNameError, "methylprednisolone"),
    ("[study]", "[studies]", UnknownNameError, 'did you mean "study"'),
    ("until = 730", "until = 730.5", QuantityError, "whole number"),
    ("until = 730", "until = 0", QuantityError, "at least 1"),
]


def parse_trial(text, *, name="trial"):
    return trial_of(parse_toml(text), name=name)


@pytest.mark.parametrize(("before", "after", "error", "message"), BAD, ids=[each[1][:40] for each in BAD])
def test_a_bad_file_is_refused_in_one_line(before, after, error, message):
    assert GOOD.count(before) == 1
    with pytest.raises(error, match=message) as caught:
        parse_trial(GOOD.replace(before, after))
    assert "\n" not in str(caught.value)


def test_the_file_itself_is_good():
    trial = parse_trial(GOOD)
    assert (trial.control, trial.until, trial.run_in, trial.dropout) == ("placebo", 730, 730, 0.1)
    assert trial.attacks == AttackSettings(rate="calibrate")
    assert trial.entry == Entry(relapses=2, years=2)


def leaves(value, path=()):
    """Return the path of every value in nested tables and lists."""
    if isinstance(value, dict):
        return [each for key, inner in value.items() for each in leaves(inner, (*path, key))]
    if isinstance(value, list):
        return [each for key, inner in enumerate(value) for each in leaves(inner, (*path, key))]
    return [path]


CONTENT = parse_toml(GOOD)
WEIRD = st.one_of(
    st.none().map(lambda _: {}),
    st.booleans(),
    st.integers(-(10**6), 10**6),
    st.floats(),
    st.text(max_size=8),
    st.lists(st.integers(), max_size=2),
    st.sampled_from(["calibrate", "1 year", "nan", "1 g/kg", "-1 day", math.inf]),
)


@settings(max_examples=300, deadline=None)
@given(path=st.sampled_from(leaves(CONTENT)), value=WEIRD)
def test_any_value_in_any_place_is_refused_or_makes_a_trial(path, value):
    content = copy.deepcopy(CONTENT)
    place = content
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    try:
        trial = trial_of(content, name="any")
    except EaesimError:  # its message is one line wherever it is raised (tests/test_errors.py)
        return
    assert trial.until >= 1
    assert trial.arm(trial.control).is_placebo


def test_broken_missing_and_unknown_files():
    with pytest.raises(FileError, match="broken TOML"):
        parse_trial("[study")
    with pytest.raises(FileError, match="no such file"):
        read_trial("missing.toml")
    with pytest.raises(UnknownNameError, match='did you mean "aims"'):
        read_trial("amis")
    with pytest.raises(ProtocolError, match=r"not simulable: .*conduction.*Trials: achiron1998"):
        read_trial("stangel")


def test_a_file_is_read_by_its_path_and_names_itself_in_messages(tmp_path):
    file = tmp_path / "own.toml"
    file.write_text(GOOD, encoding="utf-8")
    assert read_trial(file) == replace(parse_trial(GOOD), name="own")
    file.write_text(GOOD.replace("until = 730", "until = 0"), encoding="utf-8")
    with pytest.raises(QuantityError, match=r"own\.toml: until"):
        read_trial(file)


def test_doses_in_a_list_follow_each_other():
    """A text without a day begins one of its own intervals after the line before, which begins on day 0."""
    doses = 'doses = ["0.4 g/kg x 5 every 1 day", "0.4 g/kg every 56 day x 12"]'
    trial = parse_trial(GOOD.replace('dose = "0.2 g/kg over 4 h every 28 day x 26"', doses))
    rows = trial.arm("IVIG").arm.regimen.table()
    assert [row.day for row in rows[:7]] == [0, 1, 2, 3, 4, 56, 112]
    assert len(rows) == 17


def test_repeats_may_stand_before_the_time_between_them():
    assert parse_dose("0.4 g/kg over 4 h x 5 every 1 day") == parse_dose("0.4 g/kg over 4 h every 1 day x 5")
    with pytest.raises(QuantityError):
        parse_dose("0.4 g/kg x 5 every 1 day x 5")


def test_the_background_is_given_in_every_arm_and_leaves_the_placebo_one():
    trial = parse_trial(GOOD.replace("dropout =", 'background = "methylprednisolone"\ndropout ='))
    assert trial.control == "placebo"
    assert trial.given("placebo").regimen.total() == pytest.approx({"methylprednisolone": 3 * 14.3})
    assert trial.given("IVIG").regimen.total() == pytest.approx(
        {"ivig": 5200, "methylprednisolone": 3 * 14.3}
    )


def test_the_same_is_refused_in_python():
    dosed = TrialArm(Arm("IVIG", Bolus("1 g/kg").at(day=0)), 10)
    with pytest.raises(ProtocolError, match="without doses"):
        Trial(name="own", until=100, arms=(dosed,))
    with pytest.raises(QuantityError, match="patients 0"):
        TrialArm(Arm("placebo"), 0)
    with pytest.raises(QuantityError, match="negative"):
        AttackSettings(rate=-1.0)
    with pytest.raises(QuantityError, match="not a number"):
        AttackSettings(size=math.nan)


# The shipped trials, typed a second time from tables T and K of the evidence page:
# patients by arm, total g/kg of IVIG by arm, last day.
DESIGNS = {
    "aims": ({"placebo": 73, "IVIG": 75}, {"IVIG": 26 * 0.2}, 730),
    "achiron1998": ({"placebo": 20, "IVIG": 20}, {"IVIG": 5 * 0.4 + 11 * 0.4}, 730),
    "lewanska": ({"placebo": 17, "0.2 g/kg": 17, "0.4 g/kg": 15}, {"0.2 g/kg": 2.6, "0.4 g/kg": 5.2}, 365),
    "sorensen1998": ({"placebo": 17, "IVIG": 17}, {"IVIG": 6 * 2}, 2 * 24 * 7),
    "first_episode": ({"placebo": 46, "IVIG": 45}, {"IVIG": 2 + 8 * 0.4}, 365),
    "tarims": ({"placebo": 38, "IVIG": 38}, {"IVIG": 1}, 84),
    "tarims_index": ({"placebo": 38, "IVIG": 38}, {"IVIG": 1}, 84),
    "visser": ({"placebo": 9, "IVIG": 10}, {"IVIG": 2}, 183),
    "roed": ({"placebo": 34, "IVIG": 34}, {"IVIG": 5 * 0.4}, 183),
    "noseworthy2000": ({"placebo": 34, "IVIG": 33}, {"IVIG": 11 * 0.4}, 183),
    "noseworthy_index": ({"placebo": 34, "IVIG": 33}, {"IVIG": 11 * 0.4}, 183),
    "noseworthy2001": ({"placebo": 28, "IVIG": 27}, {"IVIG": 8 * 0.4}, 183),
    "esims": ({"placebo": 159, "IVIG": 159}, {"IVIG": 30}, 822),
    "affirm": ({"placebo": 315, "natalizumab": 627}, {}, 730),
    "freedoms": ({"placebo": 424, "fingolimod": 424}, {}, 730),
    "methylprednisolone": ({"placebo": 25, "methylprednisolone": 26}, {}, 56),
}
# Arm, endpoint, measure, days: value. As published, or as T and K give what follows from it.
HALF, YEAR = 183, 365
VALUES = {
    "aims": {
        ("placebo", "relapse_rate", "value"): 1.26,
        ("IVIG", "relapse_rate", "value"): 0.52,
        ("IVIG", "relapse_rate", "ratio"): 0.52 / 1.26,
        ("placebo", "relapse_free", "value"): 0.36,
        ("IVIG", "relapse_free", "value"): 0.53,
        ("IVIG", "relapse_free", "difference"): 0.53 - 0.36,
        ("placebo", "edss_change", "value"): 0.12,
        ("IVIG", "edss_change", "value"): -0.23,
        ("IVIG", "edss_change", "difference"): -0.23 - 0.12,
        ("IVIG", "edss_change", "value", 0, HALF): 3.05 - 3.33,
        ("placebo", "edss_gain_share", "value"): 0.14,
        ("IVIG", "edss_gain_share", "value"): 0.31,
    },
    "achiron1998": {
        ("placebo", "relapse_rate", "value", -YEAR, 0): 1.55,
        ("IVIG", "relapse_rate", "value", -YEAR, 0): 1.85,
        ("placebo", "relapse_rate", "value", 0, YEAR): 1.8,
        ("IVIG", "relapse_rate", "value", 0, YEAR): 0.75,
        ("placebo", "relapse_rate", "value", YEAR, None): 1.4,
        ("IVIG", "relapse_rate", "value", YEAR, None): 0.42,
        ("IVIG", "relapse_rate", "ratio"): (0.75 + 0.42) / (1.8 + 1.4),
        ("placebo", "relapse_free", "value"): 0.0,
        ("IVIG", "relapse_free", "value"): 6 / 20,
        ("placebo", "first_relapse_day", "value"): 82,
        ("IVIG", "first_relapse_day", "value"): 233,
        ("placebo", "edss_change", "value"): 0.15,
        ("IVIG", "edss_change", "value"): -0.3,
        ("IVIG", "edss_change", "difference"): -0.3 - 0.15,
    },
    "lewanska": {
        ("placebo", "relapse_rate", "value"): 1.24,
        ("0.2 g/kg", "relapse_rate", "value"): 0.88,
        ("0.4 g/kg", "relapse_rate", "value"): 0.86,
        ("0.2 g/kg", "relapse_rate", "ratio"): 0.88 / 1.24,
        ("0.4 g/kg", "relapse_rate", "ratio"): 0.86 / 1.24,
        ("placebo", "edss_change", "value"): 0.29,
        ("0.2 g/kg", "edss_change", "value"): -0.029,
        ("0.4 g/kg", "edss_change", "value"): -0.066,
        ("0.2 g/kg", "edss_change", "difference"): -0.029 - 0.29,
        ("0.4 g/kg", "edss_change", "difference"): -0.066 - 0.29,
    },
    "sorensen1998": {
        ("placebo", "relapse_rate", "value"): 15 / 17 * 365.25 / 168,
        ("IVIG", "relapse_rate", "value"): 11 / 17 * 365.25 / 168,
        ("IVIG", "relapse_rate", "ratio"): 11 / 15,
        ("placebo", "relapse_free", "value"): 6 / 17,
        ("IVIG", "relapse_free", "value"): 11 / 17,
        ("IVIG", "mri_activity", "ratio"): 0.4,
    },
    "first_episode": {
        ("IVIG", "first_relapse_day", "hazard_ratio"): 0.36,
        ("placebo", "relapse_free", "value"): 1 - 0.50,
        ("IVIG", "relapse_free", "value"): 1 - 0.26,
    },
    "visser": {
        ("placebo", "edss_change", "value", 0, 28): -1.0,
        ("IVIG", "edss_change", "value", 0, 28): -1.0,
        ("IVIG", "edss_change", "difference", 0, 28): 0.0,
        ("placebo", "relapse_free", "value"): 7 / 9,
        ("IVIG", "relapse_free", "value"): 5 / 10,
    },
    "esims": {
        ("IVIG", "confirmed_progression", "hazard_ratio"): 1.11,
        ("placebo", "relapse_rate", "value"): 0.46,
        ("IVIG", "relapse_rate", "value"): 0.46,
        ("IVIG", "relapse_rate", "ratio"): 1.0,
    },
    "affirm": {
        ("placebo", "relapse_rate", "value"): 0.67,
        ("natalizumab", "relapse_rate", "value"): 0.22,
        ("natalizumab", "relapse_rate", "ratio"): 0.22 / 0.67,
        ("placebo", "relapse_free", "value"): 1 - 0.557,
        ("natalizumab", "relapse_free", "value"): 1 - 0.287,
        ("natalizumab", "first_relapse_day", "hazard_ratio"): 0.42,
        ("natalizumab", "first_relapse_day", "hazard_ratio", 0, 42): 0.56,
        ("placebo", "relapse_rate", "value", 0, YEAR): 0.700,
        ("natalizumab", "relapse_rate", "value", 0, YEAR): 0.241,
        ("natalizumab", "relapse_rate", "ratio", 0, YEAR): 0.325,
    },
    "freedoms": {
        ("placebo", "relapse_rate", "value"): 0.40,
        ("fingolimod", "relapse_rate", "value"): 0.18,
        ("fingolimod", "relapse_rate", "ratio"): 0.18 / 0.40,
        ("placebo", "relapse_free", "value"): 0.46,
        ("fingolimod", "relapse_free", "value"): 0.704,
    },
    "methylprednisolone": {
        (arm, "edss_gain_share", "value", 0, 7 * week): share
        for arm, shares in (("placebo", (0.04, 0.24, 0.32)), ("methylprednisolone", (0.31, 0.54, 0.65)))
        for week, share in zip((1, 3, 8), shares, strict=True)
    },
}
# Published p: arm, endpoint and p, in the order of the file.
P_VALUES = {
    "aims": {0.0037, 0.011, 0.03, 0.008, 0.002, 0.041},
    "achiron1998": {0.0006, 0.003},
    "lewanska": {0.0117},
    "sorensen1998": {0.05},
    "first_episode": {0.03},
    "tarims": {0.89, 0.23, 0.22},
    "tarims_index": {0.89},
    "visser": {0.81},
    "noseworthy2001": {0.766},
}
# Published intervals.
INTERVALS = {
    "first_episode": {(0.15, 0.88)},
    "esims": {(0.80, 1.53)},
    "affirm": {(0.34, 0.52), (0.34, 0.93), (0.256, 0.412)},
}


def test_every_trial_of_the_page_is_there():
    assert set(trial_names()) == set(DESIGNS)
    assert set(not_simulable()) == {"stangel"}


@pytest.mark.parametrize("name", trial_names())
def test_a_shipped_trial_says_what_it_is_about(name):
    trial = read_trial(name)
    assert trial.title
    assert trial.claim


@pytest.mark.parametrize("name", sorted(DESIGNS))
def test_sizes_doses_and_length_are_the_pages(name):
    trial = read_trial(name)
    patients, doses, until = DESIGNS[name]
    assert {arm.name: arm.patients for arm in trial.arms} == patients
    found = {arm.name: arm.arm.regimen.total().get("ivig", 0) / 1000 for arm in trial.arms}
    assert {arm: dose for arm, dose in found.items() if dose} == pytest.approx(doses)
    assert trial.until == until


@pytest.mark.parametrize("name", sorted(DESIGNS))
def test_published_numbers_are_the_pages(name):
    trial = read_trial(name)
    found = {}
    for row in trial.published:
        if row.value is not None:
            days = () if (row.since, row.until) == (0, None) else (row.since, row.until)
            key = (row.arm, row.endpoint, row.measure, *days)
            assert key not in found
            found[key] = row.value
    assert set(found) == set(VALUES.get(name, {}))
    for key, value in found.items():
        assert value == pytest.approx(VALUES[name][key], abs=0.006), key
    assert {row.p for row in trial.published if row.p is not None} == P_VALUES.get(name, set())
    published = {
        (row.low, row.high) for row in trial.published if row.low is not None and "error" not in row.derived
    }
    assert published == INTERVALS.get(name, set())


def log_error(row):
    return (math.log(row.high) - math.log(row.low)) / (2 * 1.96)


def binomial(rates, patients, years, k):
    """Return the error of the logarithm of a ratio of two negative binomial rates."""
    return math.sqrt(sum((1 / (r * years) + 1 / k) / n for r, n in zip(rates, patients, strict=True)))


@pytest.mark.parametrize(
    ("name", "arm", "error"),
    [
        ("aims", "IVIG", math.sqrt((0.85 / 0.52) ** 2 / 75 + (2.2 / 1.26) ** 2 / 73)),
        ("achiron1998", "IVIG", math.log(1.6 / 0.585) / 3.432),
        ("lewanska", "0.2 g/kg", binomial((0.88, 1.24), (17, 17), 1, 1)),
        ("lewanska", "0.4 g/kg", binomial((0.86, 1.24), (15, 17), 1, 1)),
        ("sorensen1998", "IVIG", binomial((11 / 17, 15 / 17), (17, 17), 1, 1)),
        ("esims", "IVIG", binomial((0.46, 0.46), (159, 159), 2.25, 1)),
        ("affirm", "natalizumab", binomial((0.22, 0.67), (627, 315), 2, 1.3)),
        ("freedoms", "fingolimod", binomial((0.18, 0.40), (424, 424), 2, 1.3)),
    ],
)
def test_derived_intervals_of_rate_ratios_are_the_arithmetic_they_name(name, arm, error):
    (row,) = [
        each
        for each in read_trial(name).published
        if (each.arm, each.endpoint, each.measure) == (arm, "relapse_rate", "ratio")
        and "error" in each.derived
    ]
    assert log_error(row) == pytest.approx(error, rel=0.03)
    assert math.sqrt(row.low * row.high) == pytest.approx(row.value, rel=0.02)


def test_treated_patients_calibrate_nothing():
    """IVIG arms validate or are held out; what calibrates is placebo, the time before, and comparators."""
    for name in trial_names():
        trial = read_trial(name)
        for row in trial.published:
            given_ivig = trial.arm(row.arm).arm.regimen.total().get("ivig")
            if given_ivig and (row.until is None or row.until > 0):
                assert row.use != "calibrate", (name, row)
            if trial.claim not in ("S2", "S2, S7", "comparator") and row.arm != trial.control:
                assert row.use == "hold out", (name, row)


def test_what_is_another_quantity_is_marked_as_a_stand_in():
    marked = {
        (name, row.endpoint) for name in trial_names() for row in read_trial(name).published if row.stand_in
    }
    assert marked == {
        ("achiron1998", "mri_activity"),
        ("noseworthy2000", "edss_change"),
        ("noseworthy2001", "edss_change"),
        ("noseworthy_index", "edss_change"),
        ("roed", "edss_change"),
        ("tarims", "edss_change"),
        ("tarims_index", "edss_change"),
    }


def test_entries_are_the_pages():
    entries = {name: read_trial(name).entry for name in trial_names()}
    assert {name: entry for name, entry in entries.items() if entry is not None} == {
        "aims": Entry(relapses=2, years=2),
        "first_episode": Entry(first_attack_within=42),
        "tarims": Entry(relapse_within=14),
        "tarims_index": Entry(relapse_within=14),
        "visser": Entry(relapse_within=28),
        "roed": Entry(relapse_within=28),
        "methylprednisolone": Entry(relapse_within=28),
        "noseworthy2000": Entry(stable=122),
        "noseworthy2001": Entry(stable=122),
        "noseworthy_index": Entry(stable=122),
    }


def test_words_and_sources_are_known_ones():
    for name in trial_names():
        for row in read_trial(name).published:
            assert row.endpoint in TRIAL_ENDPOINTS
            assert row.measure in MEASURES
            assert set(row.source) <= set(bibliography())


def test_a_published_row_needs_something_published():
    with pytest.raises(ProtocolError, match="neither a value"):
        Published(endpoint="relapse_rate", measure="ratio", arm="IVIG", source=("Fazekas1997",))
