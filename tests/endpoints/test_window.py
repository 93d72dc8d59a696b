"""Windows on endpoints: what they are read from, what they are called, and what is none."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim.endpoints import ENDPOINTS, Courses, endpoint, read_endpoints, read_windows
from eaesim.endpoints.window import Window, split_window
from eaesim.errors import EaesimError, QuantityError, UnknownNameError

ALIVE = np.inf
WINDOWED = [name for name, one in ENDPOINTS.items() if one.is_daily]


def courses(scores, death=None, induced=None):
    score = np.array(scores, dtype=float)
    death = np.full(len(score), ALIVE) if death is None else np.array(death, dtype=float)
    return Courses(score, death, score[:, :1], score[:, :1], induced)


@pytest.fixture(scope="module")
def crowd():
    """Forty rats with random scores over thirty days, of which some die."""
    rng = np.random.default_rng(3)
    score = rng.choice([0.0, 0, 0, 1, 2, 3, 4], size=(40, 30))
    return score, np.where(rng.random(40) < 0.3, rng.integers(0, 30, 40), ALIVE)


# Against sums made by hand, day by day


def by_hand(score, death, first, last, dead):
    """Return the endpoints of one rat from the days of a window, without any array."""
    shown = []
    for day in range(len(score)):
        alive = day < death
        carried = score[max(int(death) - 1, 0)] if not alive else 0
        shown.append(score[day] if alive else {"score": 5.0, "carry": carried}[dead])
    inside = range(first, last + 1)
    ill = [day for day in inside if shown[day] >= 1]
    return {
        "incidence": float(bool(ill)),
        "onset_day": float(ill[0]) if ill else np.nan,
        "peak_score": max(shown[day] for day in inside),
        "cumulative_score": sum(shown[day] for day in inside),
        "mean_score": sum(shown[day] for day in inside) / len(inside),
        "duration": float(sum(day < death for day in ill)),
        "mortality": float(first <= death <= last),
    }


@pytest.mark.parametrize("dead", ["score", "carry"])
@pytest.mark.parametrize(("first", "last"), [(0, 29), (0, 0), (29, 29), (12, 21), (5, 6)])
def test_a_window_is_what_its_own_days_give(crowd, first, last, dead):
    score, death = crowd
    expected = [by_hand(*rat, first, last, dead) for rat in zip(score.tolist(), death.tolist(), strict=True)]
    names = {name: f"{name}[{first}:{last}]" for name in expected[0]}
    found = read_windows(courses(score, death), names.values(), dead=dead)
    for name, windowed in names.items():
        assert found[windowed] == pytest.approx([rat[name] for rat in expected], nan_ok=True), name


@pytest.mark.parametrize("dead", ["score", "carry", "exclude"])
@pytest.mark.parametrize("induced", [None, 10])
def test_the_window_of_a_whole_run_is_the_run_to_the_last_bit(crowd, dead, induced):
    seen = courses(*crowd, induced)
    whole = read_endpoints(seen, dead=dead)
    for text in ("[0:29]", "[0:]", "[:29]"):
        found = read_windows(seen, [f"{name}{text}" for name in WINDOWED], dead=dead)
        for name in WINDOWED:
            np.testing.assert_array_equal(found[f"{name}{text}"], whole[name])


def test_sums_over_windows_that_follow_each_other_add_up(crowd):
    seen = courses(*crowd)
    for name in (
        "cumulative_score",
        "duration",
        "mortality",
        "relapse_incidence",
        "relapse_cumulative_score",
    ):
        parts = read_windows(seen, [f"{name}[:9]", f"{name}[10:10]", f"{name}[11:]"])
        np.testing.assert_allclose(sum(parts.values()), read_endpoints(seen)[name], err_msg=name)


def test_rats_left_out_stay_left_out_in_windows_before_their_death():
    seen = courses([[0, 1, 2, 3], [0, 1, 2, 3], [np.nan] * 4], [3, ALIVE, np.nan])
    found = read_windows(seen, ["peak_score[0:1]", "mortality[0:1]"], dead="exclude")
    assert found["peak_score[0:1]"] == pytest.approx([np.nan, 1, np.nan], nan_ok=True)
    assert found["mortality[0:1]"] == pytest.approx([0, 0, np.nan], nan_ok=True)


def test_a_relapse_is_found_in_the_whole_course_and_counts_where_it_begins():
    # Signs on days 1 to 3, a relapse from day 6 on. Seen from day 6 alone it would be a first attack.
    seen = courses([[0, 1, 3, 1, 0, 0, 1, 2, 2.0, 0]])
    found = read_windows(
        seen,
        [
            "relapse_incidence[6:9]",
            "relapse_incidence[7:9]",
            "relapse_peak_score[:6]",
            "relapse_cumulative_score[7:7]",
        ],
    )
    assert [values.tolist() for values in found.values()] == [[1], [0], [1], [2]]


# Names


@pytest.mark.parametrize(
    ("given", "name", "title"),
    [
        ("cumulative_score[12:42]", "cumulative_score[12:42]", "cumulative score, days 12 to 42"),
        ("cumulative_score[ 012 :42 ]", "cumulative_score[12:42]", "cumulative score, days 12 to 42"),
        ("peak_score[12:]", "peak_score[12:]", "peak score, from day 12 on"),
        ("mean_score[:15]", "mean_score[:15]", "mean daily score, days 0 to 15"),
        ("incidence[7:7]", "incidence[7:7]", "rats with signs, day 7"),
        ("peak_score[:]", "peak_score", "peak score"),
        ("peak_score", "peak_score", "peak score"),
    ],
)
def test_an_endpoint_carries_the_name_of_its_window(given, name, title):
    found = endpoint(given)
    assert (found.name, found.title) == (name, title)
    assert found.whole == name.partition("[")[0]
    assert endpoint(found.name) == found
    assert found.unit == ENDPOINTS[found.whole].unit


@pytest.mark.parametrize(
    "text",
    [
        "[42:12]", "[12]", "[a:b]", "[12.5:20]", "[-3:10]", "[12:42", "12:42]", "[]", "[1:2:3]",
        "[12:42][1:2]", "[٣:٤]", f"[{'9' * 5000}:]", "[1e1:20]", "[12-42]", " [12:42] days", "[1:\n2]x",
    ],
)  # fmt: skip
def test_what_is_no_window_is_refused_in_one_line(text):
    with pytest.raises(EaesimError) as caught:
        endpoint(f"peak_score{text}")
    assert "\n" not in str(caught.value)


def test_messages_say_what_to_write():
    with pytest.raises(QuantityError, match=r"write peak_score\[12:42\]"):
        endpoint("peak_score[42:12]")
    with pytest.raises(QuantityError, match=r"peak_score\[12:42\], \[12:\] or \[:15\]"):
        endpoint("peak_score[12 to 42]")
    with pytest.raises(UnknownNameError, match='did you mean "peak_score"'):
        endpoint("peek_score[12:42]")
    with pytest.raises(QuantityError, match=r"demyelination_end cannot have a window.*peak_score"):
        endpoint("demyelination_end[12:42]")


@pytest.mark.parametrize("text", ["[12:41]", "[41:]", "[:41]"])
def test_a_window_beyond_the_run_is_refused(text):
    with pytest.raises(QuantityError, match="days 0 to 40"):
        endpoint(f"peak_score{text}", until=40)
    with pytest.raises(QuantityError, match="days 0 to 40"):
        read_windows(courses(np.zeros((1, 41))), [f"peak_score{text}"])
    assert endpoint("peak_score[40:]", until=40).name == "peak_score[40:]"


@pytest.mark.parametrize(("first", "last"), [(0, 0), (3, None), (None, 7), (12, 42)])
def test_a_window_reads_what_it_writes(first, last):
    assert split_window(f"onset_day{Window(first, last).text()}") == ("onset_day", Window(first, last))
