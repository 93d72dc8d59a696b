"""Progress that never goes back and ends at its total."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from eaesim.study.counter import Counter


@given(st.lists(st.tuples(st.integers(1, 50), st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=6))
def test_whatever_the_passes_it_climbs_to_the_total(passes):
    seen = []
    plan = [
        (rows, int(rows * certain), int(rows * certain) + int((rows - int(rows * certain)) * more))
        for rows, certain, more in passes
    ]
    total = sum(settled for _, _, settled in plan)
    counter = Counter(total, lambda done, of: seen.append((done, of)))
    for rows, last, settled in plan:
        told = counter.solving(rows, last=last)
        for done in range(1, rows + 1):
            told(done, rows)
        counter.add(settled)
    done = [number for number, _ in seen]
    assert done == sorted(done)
    assert done[-1] == total
    assert {of for _, of in seen} == {total}


def test_where_nobody_is_told_nothing_is_asked_of_the_solver():
    counter = Counter(3, None)
    assert counter.solving(3, last=3) is None
    counter.add(3)
    assert counter.done == 3
