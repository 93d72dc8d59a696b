"""A run without files of single rats: what is lost is said, and nothing else is."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim import Arm, Bolus, Study, run
from eaesim.endpoints.statistics import MOST_RESAMPLED
from eaesim.errors import EaesimWarning, ProtocolError, QuantityError, UnknownNameError
from eaesim.questions.run.answer import plan
from eaesim.questions.run.request import MOST_KEPT, RunRequest

RATS = MOST_RESAMPLED + 40
NOTE = 'no file of single rats is written; keep = "rats" writes them.'
STUDY = Study("lewis", until=20, arms=[Arm("vehicle"), Arm("early", Bolus("1 g/kg").at(day=0))])


@pytest.fixture(scope="module")
def answers():
    settings = {"animals": RATS, "accuracy": "scores", "drawn": ["peak_score[:14]"]}
    whole = run(STUDY, keep="rats", endpoints=["peak_score[:14]"], **settings)
    with pytest.warns(EaesimWarning, match="no file of single rats"):
        return whole, run(STUDY, keep="summary", **settings)


def test_tables_figure_and_sentence_are_those_of_a_run_with_files(answers):
    whole, short = answers
    for name, table in whole.tables().items():
        other = short.tables()[name]
        assert list(other) == list(table)
        for column in table:
            if table[column].dtype == np.float64:
                np.testing.assert_allclose(other[column], table[column], rtol=1e-9, atol=1e-12)
            else:
                assert other[column].equals(table[column])
    assert short.sentence() == whole.sentence()
    figures = [one.figure() for one in answers]
    texts = [
        [text.get_text() for text in each.findobj(lambda one: hasattr(one, "get_text"))] for each in figures
    ]
    assert texts[0] == texts[1]
    lines = [[line.get_ydata() for axes in each.axes for line in axes.lines] for each in figures]
    for one, other in zip(*lines, strict=True):
        np.testing.assert_allclose(np.asarray(other, float), np.asarray(one, float), rtol=1e-9, atol=1e-9)


def test_only_the_run_with_files_writes_rats(answers, tmp_path):
    for answer, count in zip(answers, (3, 0), strict=True):
        folder = tmp_path / str(count)
        folder.mkdir()
        answer.write(folder)
        assert len(list(folder.iterdir())) == count
        assert (NOTE in answer.notes()) == (count == 0)


def test_a_few_rats_in_summary_have_the_same_table(tmp_path):
    whole = run(STUDY, animals=16, parameter_sets=4, accuracy="scores")
    with pytest.warns(EaesimWarning, match="no file"):
        short = run(STUDY, animals=16, parameter_sets=4, keep="summary")
    assert short.summary.equals(whole.summary)
    assert len(short.figure().axes) == len(whole.figure().axes)
    short.write(tmp_path)
    assert not list(tmp_path.iterdir())


def test_many_rats_are_summed_by_default_and_kept_if_asked_for():
    few, many = (RunRequest(animals=animals) for animals in (MOST_KEPT, MOST_KEPT + 1))
    assert (few.is_summary, few.solved) == (False, "courses")
    assert (many.is_summary, many.solved) == (True, "scores")
    asked = RunRequest(animals=MOST_KEPT + 1, keep="rats")
    assert (asked.is_summary, asked.solved) == (False, "courses")
    assert plan(STUDY, asked).settings()["keep"] == "rats"
    assert "keep" not in plan(STUDY, many).settings()


def test_more_rats_than_memory_holds_are_refused():
    with pytest.raises(ProtocolError, match="1000000"):
        run(STUDY, animals=1_000_001, keep="rats")
    with pytest.raises(QuantityError, match="10000000"):
        RunRequest(animals=10_000_001)
    with pytest.raises(UnknownNameError, match="summary"):
        RunRequest(keep="sumary")
