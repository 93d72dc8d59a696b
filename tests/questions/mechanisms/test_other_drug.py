"""Mechanisms of another drug than IVIG: what is refused, what is simulated, and what is said of it."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim.errors import EaesimError
from eaesim.estimation.experiment import read_experiments
from eaesim.estimation.population import simulate_populations
from eaesim.estimation.rats import even_rats
from eaesim.evidence import load_findings
from eaesim.model import load
from eaesim.protocol.dose import parse_dose
from eaesim.questions.discriminate.answer import discriminate
from eaesim.questions.mechanisms.answer import DrugMechanisms, mechanisms
from eaesim.questions.mechanisms.runs import Run, simulate_run
from eaesim.questions.mechanisms.trials import finding_trials, with_drug

SMALL = {"drug": "methylprednisolone", "dose": "30 mg/kg", "parameter_sets": 2, "animals": 8}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"drug": "fingolimod", "dose": "1 mg/kg"}, "fingolimod has no named mechanisms to compare"),
        ({"drug": "methylprednisolone"}, "methylprednisolone needs a dose"),
        ({"dose": "1 g/kg"}, "is for another drug"),
        ({**SMALL, "mechanism": ["H1a", "cytokine"]}, '"H1a" is not a mechanism of methylprednisolone'),
        ({"mechanism": ["cytokine", "t_cells"]}, '"cytokine" is not a mechanism of ivig'),
        ({"drug": "methylprednisolon", "dose": "1 mg/kg"}, 'did you mean "methylprednisolone"'),
        ({**SMALL, "dose": "30 mg"}, "30 mg"),
    ],
)
@pytest.mark.parametrize("ask", [mechanisms, discriminate])
def test_what_cannot_be_asked_is_refused_in_one_line(ask, asked, said):
    with pytest.raises(EaesimError, match=said) as caught:
        ask(**asked)
    assert "\n" not in str(caught.value)


def test_what_belongs_to_findings_on_ivig_is_refused():
    with pytest.raises(EaesimError, match="methylprednisolone has dose alone"):
        mechanisms(**SMALL, given={"A1": "2 g/kg"})
    with pytest.raises(EaesimError, match='prior "score" is from findings on IVIG'):
        discriminate(**SMALL, prior="score")


def test_a_trial_is_simulated_as_a_run_of_the_same_drug_is():
    rat, experiment = load("lewis"), read_experiments()["lewis_immunised"]
    typical, rats = [rat.parameters("none")], even_rats(4, seed=1, days=experiment.days)
    dose = parse_dose("30 mg/kg every 1 day x 3", drug="methylprednisolone", mechanism="t_cells")
    seen = simulate_populations(
        experiment, typical, entries=rat.entries, rats=rats, dose=dose, days=np.full((1, 16), 9.0)
    )
    run = Run(
        name="own",
        rat="lewis",
        until=experiment.design.until,
        inductions=tuple(experiment.design.inductions_of(experiment.design.arms[0])),
        dose=dose,
        day=9.0,
    )
    other = simulate_run(run, typical, entries=rat.entries, rats=rats)
    np.testing.assert_array_equal(seen.score, other.populations.score)
    untreated = simulate_populations(experiment, typical, entries=rat.entries, rats=rats)
    assert (seen.score != untreated.score).any()


def test_the_amount_is_the_share_that_ivig_is_given():
    trials = finding_trials()
    doses = {name: with_drug(trials[name], "10 mg/kg", drug="methylprednisolone").dose for name in trials}
    assert {name: dose.amount for name, dose in doses.items() if dose.amount != 10} == {"A7": 4}
    assert {name for name, dose in doses.items() if dose.route != "iv"} == {"A8.clinical_score"}
    assert {dose.drug for dose in doses.values()} == {"methylprednisolone"}


@pytest.fixture(scope="module")
def found() -> DrugMechanisms:
    result = mechanisms(**SMALL, mechanism=["cytokine", "t_cells", "none"], workers=1)
    assert isinstance(result, DrugMechanisms)
    return result


@pytest.mark.slow
def test_every_mechanism_predicts_every_trial_and_no_finding_is_named(found):
    table = found.table()
    assert len(table) == 3 * len(finding_trials())
    without = table[table["mechanism"] == "none"][["predicted", "low", "high"]].fillna(0)
    # A dose is a boundary of integration, which moves states within the tolerance of the solver.
    assert (without.abs() < 1e-4).all(axis=None)
    late = table[table["trial"].str.contains("first signs: cumulative")].set_index("mechanism")["predicted"]
    assert late["t_cells"] > 0.02
    said = " ".join([found.sentence(), *found.notes(), *table["trial"]])
    assert "strength of methylprednisolone is that of its file" in said
    assert not {one.id for one in load_findings()} & set(said.replace(":", " ").split())


@pytest.mark.slow
def test_the_figure_is_a_page(found, page_faults):
    assert page_faults(found.figure()) == []


@pytest.mark.slow
def test_experiments_tell_the_mechanisms_of_another_drug_apart(page_faults):
    told = discriminate(**SMALL, workers=1)
    table = told.table()
    assert told.mechanisms == ("cytokine", "t_cells")
    assert table["bits"].between(0, 1).all()
    assert (table["finding"] == "").all()
    assert table["prediction"].all()
    assert {"animals_cytokine_t_cells", "effect_cytokine"} <= {*table}
    assert page_faults(told.figure()) == []
    assert "the strength of methylprednisolone" in told.notes()[0]
    # Before the immune response is induced, a drug that is gone within hours tells nothing.
    assert table.set_index("design")["bits"]["lewis_day_-7"].max() < 0.01
