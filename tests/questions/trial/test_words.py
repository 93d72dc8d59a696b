"""What a terminal and the figures show of trials, of a table that is made up."""

import math
import re

import numpy as np
import pandas as pd
import pytest

import eaesim
from eaesim.cli.table import table_text
from eaesim.endpoints.replicates import Comparison
from eaesim.protocol.trialfile import read_trial, trial_names
from eaesim.questions.trial.answer import TrialAnswer
from eaesim.questions.trial.figure import figure
from eaesim.questions.trial.figurewords import title
from eaesim.questions.trial.ranking import RATIOS
from eaesim.questions.trial.request import TrialRequest
from eaesim.questions.trial.rows import ratio_rows, trial_row
from eaesim.questions.trial.shown import row_names
from eaesim.questions.trial.words import closing_words

NONE = {"ratio": 1.0, "hazard_ratio": 1.0, "difference": 0.0}


class Made:
    """A pool in which every comparison has one value."""

    def __init__(self, effect, sets):
        self.effect, self.sets = effect, sets

    def population(self, row):
        if row.measure == "value":
            return np.full(self.sets, row.value)
        of_ratio = NONE[row.measure] * self.effect
        return np.full(self.sets, self.effect - 1 if row.measure == "difference" else of_ratio)


def made(names, effects, sets=3, **asked):
    """Return an answer with this effect of each mechanism, ratios spread by a factor of 1.3."""
    rows, ratios, placebo = [], [], []
    spread = np.linspace(-1, 1, 40)
    for trial in map(read_trial, names):
        for mechanism, effect in effects.items():
            pool = Made(effect, sets)
            for row in trial.published:
                if row.since >= 0:
                    own = pool.population(row)
                    found = own[0] + spread * 0.2 if row.measure == "difference" else own[0] * 1.3**spread
                    p = np.full(40, math.nan if row.measure == "value" else 0.04)
                    rows.append(trial_row(trial, mechanism, row, own, Comparison(found, p)))
            ratios += ratio_rows(trial, mechanism, pool)
            placebo += [
                {
                    "trial": trial.name,
                    "mechanism": mechanism,
                    "parameter_set": place,
                    "attacks_per_year": float(place),
                    "reached": place > 0,
                    "failed": 0,
                }
                for place in range(sets)
            ]
    request = TrialRequest(mechanism=tuple(effects), **asked)
    trials = tuple(map(read_trial, names))
    return TrialAnswer(
        pd.DataFrame(rows), pd.DataFrame(placebo), pd.DataFrame(ratios, columns=list(RATIOS)), trials, request
    )


def printed(found):
    texts = [
        table_text(shown.table, title=shown.title, width=80) if shown.table is not None else shown.note
        for shown in found.shown()
    ]
    return "\n".join(texts)


@pytest.mark.parametrize("sets", [1, 3])
@pytest.mark.parametrize("effect", [0.01, 0.45, 1.0, math.inf])
def test_a_table_of_every_trial_fits_80_columns_with_every_column(effect, sets):
    found = made(trial_names(), {"H1a": effect}, sets)
    text = printed(found)
    assert max(map(len, text.splitlines())) <= 80
    assert len(re.findall("^row .* verdict", text, re.MULTILINE)) == 1
    assert len(text.splitlines()) < len(found.table[found.table["measure"] != "value"]) + 10
    assert "nan" not in text
    assert math.isfinite(effect) or " inf" in text


def test_every_row_has_a_name_of_its_own():
    table = made(trial_names(), {"H1a": 0.5}).table
    names = row_names(table[table["measure"] != "value"])
    assert len(set(names)) == len(names)
    assert "aims rate" in names
    assert "lewanska 0.4 g/kg rate" in names
    assert "affirm relapse 0-42" in names


def test_what_is_missed_stands_first_by_name_with_what_it_is_about():
    found = made(["aims", "sorensen1998", "esims"], {"H1a": 0.1})
    first = " ".join(found.sentence().split())
    assert first.startswith("Missed, ")
    assert "sorensen1998 rate (relapses and dose: published 0.73, predicted 0.10 (0.08 to 0.13))" in first
    assert "esims progression (secondary progression: published 1.11" in first
    nothing = " ".join(made(["esims"], {"H1a": 1.0}).sentence().split())
    assert nothing.startswith("Missed: none of 3")


@pytest.mark.parametrize("effects", [{"H1a": 0.5}, {"H1a": 0.5, "none": 1.0}])
@pytest.mark.parametrize("names", [["aims"], trial_names()])
def test_the_words_take_at_most_76_columns(names, effects):
    found = made(names, effects)
    lines = [*found.sentence().splitlines(), *"\n".join(found.closing()).splitlines()]
    assert max(map(len, lines)) <= 76
    assert len(lines) <= 40
    assert any(line.startswith("Log likelihood of") for line in lines)


def test_a_placebo_arm_that_is_not_reached_is_told_once_for_all_mechanisms():
    notes = made(["aims"], {"H1a": 0.5, "none": 1.0}).notes()
    assert len(notes) == 1
    assert "in 1 of 3 sets" in notes[0]


def test_degrees_of_freedom_are_told():
    trials = [read_trial("aims")]
    nothing, one = (closing_words(TrialRequest(from_lesion=share), 1, trials)[0] for share in (None, 0.35))
    assert nothing.startswith("Fitted to patients on IVIG: nothing.")
    assert "one number" in one
    assert "0.35" in one


CASES = {
    "one trial": (["aims"], {"H1a": 0.5}),
    "arms": (["lewanska"], {"H1a": 0.5, "H7": 1.0}),
    "values alone": (["methylprednisolone"], {"none": 1.0}),
    "every trial": (trial_names(), {"H1a": 0.5, "none": 1.0, "H3": 0.001}),
    "many mechanisms": (
        trial_names(),
        dict.fromkeys(("H1a", "H1b", "H2", "H3", "H4", "H5", "H6", "H7", "none", "H1a+H7"), 0.5),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_figure_has_no_faults(case, page_faults):
    assert page_faults(figure(made(*CASES[case]))) == []


@pytest.mark.parametrize("effects", [{"H1a": 0.1}, dict.fromkeys(("H1a", "H2", "H3", "H7", "none"), 0.1)])
def test_every_verdict_on_the_typical_patient_alone_says_that_it_is(effects, texts):
    alone, several = (made(["aims", "sorensen1998", "esims"], effects, sets) for sets in (1, 3))
    stars = re.compile(r"(?:agrees|disagrees|inconclusive)\*")
    rows = len(alone.table[alone.table["measure"] != "value"])
    assert len(stars.findall(printed(alone))) == rows
    assert "* The typical patient alone" in printed(alone)
    assert alone.sentence().startswith("The typical patient alone: verdicts and intervals lack")
    assert alone.table["reason"].str.contains("typical patient alone").all()
    assert "typical patient alone" in " ".join(texts(figure(alone)))
    said = [printed(several), several.sentence(), *several.table["reason"], *texts(figure(several))]
    assert "typical" not in " ".join(said)
    assert not stars.search(printed(several))


def test_an_end_of_an_interval_outside_the_axes_is_an_arrow():
    def arrows(effect):
        axes, *_ = figure(made(["aims", "sorensen1998"], {"H1a": effect})).axes
        return [line.get_marker() for line in axes.lines].count("<")

    # Intervals reach from 0.77 of the value to 1.3 of it, and the axis begins at 0.05.
    assert (arrows(0.5), arrows(0.055), arrows(0.03)) == (0, 2, 2)


def test_the_title_says_that_nothing_is_better_than_no_effect():
    titles = [
        title(made(["aims", "sorensen1998"], effects))
        for effects in ({"H1a": 0.01, "H7": 1}, {"H1a": 0.5, "H7": 1})
    ]
    assert titles == [
        "No mechanism explains the published relapse rates better than no effect",
        "Relapse rates are likeliest under H1a, which misses 2 of 7 rows",
    ]


def test_a_published_result_without_a_number_is_in_the_figure_in_words(texts):
    every = " ".join(texts(figure(made(["tarims_index"], {"H1a": 0.9}))))
    assert "no difference, p 0.89" in every


def test_without_a_trial_their_names_are_told(capsys):
    from shell import call

    assert call("trial") == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert all(name in said for name in trial_names())
    assert eaesim.trial is not None
