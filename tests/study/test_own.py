"""From Python: a drug, a mechanism, an endpoint and equations of one's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.linalg import expm

import eaesim as ea
from eaesim.errors import EaesimError, UnknownNameError

TABLE = {
    "title": "blocker of priming",
    "source": "assumed",
    "disposition": {"volume": "40 mL/kg", "elimination": "0.1 1/day"},
    "action": [{"on": ["priming", "recall"], "does": "inhibit", "half_effect": "0.02 mg/mL"}],
}
TEXT = """title = "blocker of priming"
source = "assumed"
[disposition]
volume = "40 mL/kg"
elimination = "0.1 1/day"
[[action]]
on = ["priming", "recall"]
does = "inhibit"
half_effect = "0.02 mg/mL"
"""


def run(*arms: ea.Arm, **options):
    settings = {"until": 20, "mechanism": "none"} | options
    return ea.Study("lewis", arms=[ea.Arm("vehicle"), *arms], **settings).run(
        animals=6, members=1, workers=1, seed=2
    )


def test_a_drug_made_in_python_is_that_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "priming_blocker.toml"
    path.write_text(TEXT, encoding="utf-8")
    drugs = [ea.Drug.from_file(path), ea.Drug.from_table("priming_blocker", **TABLE)]
    assert drugs[0] == drugs[1]
    scores = [
        run(ea.Arm("own", ea.Bolus("50 mg/kg", drug=drug).at(day=0))).simulation.score for drug in drugs
    ]
    assert np.array_equal(*scores)
    assert scores[0][1].sum() < scores[0][0].sum()


def test_a_mechanism_of_ones_own_acts_alone_or_with_others() -> None:
    act = ea.Action(("division",), "inhibit", half=0.02)
    drug = ea.Drug.from_table("two_ways", **TABLE).with_mechanism(
        ea.Mechanism("divide", "stops division", actions=(act,))
    )
    both, one = (
        run(ea.Arm("own", ea.Bolus("5 mg/kg", drug=drug, mechanism=mechanism).at(day=0)))
        for mechanism in ("divide", "none")
    )
    assert both.simulation.severity[1].sum() < one.simulation.severity[1].sum()


def test_a_drug_without_actions_is_vehicle() -> None:
    idle = ea.Drug.from_table("idle", **{**TABLE, "action": []})
    found = run(ea.Arm("idle", ea.Infusion("50 mg/kg", over="5 h", drug=idle).at(day=3.3)))
    assert np.array_equal(found.simulation.score[0], found.simulation.score[1])
    assert found.simulation.severity[1] == pytest.approx(found.simulation.severity[0], abs=1e-4)


def test_arms_without_a_drug_are_as_in_a_study_without_it() -> None:
    drug = ea.Drug.from_table("left_aside", **TABLE)
    alone = run(ea.Arm("ivig", ea.Bolus("1 g/kg").at(day=0)))
    beside = run(
        ea.Arm("ivig", ea.Bolus("1 g/kg").at(day=0)), ea.Arm("own", ea.Bolus("1 mg/kg", drug=drug).at(day=0))
    )
    assert np.array_equal(alone.simulation.severity, beside.simulation.severity[:2])


def test_an_endpoint_of_ones_own_stands_in_every_table() -> None:
    severe = ea.Endpoint(
        "severe_days", "days at 3 or more", "day", lambda seen: (seen.score >= 3).sum(axis=1).astype(float)
    )
    study = ea.Study("lewis", until=20, arms=[ea.Arm("vehicle")], endpoints=[severe, "severe_days[:12]"])
    whole, alone = (
        study.run(animals=6, members=1, workers=1, seed=2, courses=courses) for courses in (True, False)
    )
    scores = np.where(np.arange(21) >= whole.simulation.death_day[0][:, None], 5, whole.simulation.score[0])
    for result in (whole, alone):
        assert result.endpoint("vehicle", "severe_days").tolist() == (scores >= 3).sum(axis=1).tolist()
        assert (
            result.endpoint("vehicle", "severe_days[:12]").tolist()
            == (scores[:, :13] >= 3).sum(axis=1).tolist()
        )
    assert "severe_days" in whole.table().reset_index()["endpoint"].tolist()
    with pytest.raises(EaesimError, match="already"):
        ea.Endpoint("peak_score", "t", "u", severe.read).known()


# Equations of one's own


def test_equations_of_ones_own_are_read_in_hours() -> None:
    model = ea.Model(
        lambda s, p: {
            "plasma": p.back * s.tissue - (p.out + p.loss) * s.plasma,
            "tissue": p.out * s.plasma - p.back * s.tissue,
        },
        state={"plasma": 0.0, "tissue": 0.0},
        parameters={"out": 0.4, "back": 0.1, "loss": 0.05},
    )
    hours = [0, 1.5, 2, 7, 30]
    sets = [{}, {"loss": 0.2}]
    for engine in ("lanes", "reference"):
        table = model.run(hours, added=[(1.5, "plasma", 10.0)], parameters=sets, engine=engine, workers=1)
        for number, changes in enumerate(sets):
            loss = changes.get("loss", 0.05)
            rates = np.array([[-0.4 - loss, 0.1], [0.4, -0.1]])
            own = table[table["run"] == number]
            assert own["hour"].tolist() == hours
            assert own[["plasma", "tissue"]].iloc[:2].to_numpy().max() == 0
            for place in (2, 3, 4):
                expected = expm(rates * (hours[place] - 1.5)) @ [10.0, 0.0]
                assert own[["plasma", "tissue"]].iloc[place].to_numpy() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"added": [(0, "plasm", 1.0)]}, 'did you mean "plasma"'),
        ({"parameters": [{"los": 1.0}]}, 'did you mean "loss"'),
    ],
)
def test_what_a_model_lacks_is_named(change, words) -> None:
    model = ea.Model(lambda s, p: {"plasma": -p.loss * s.plasma}, state={"plasma": 1}, parameters={"loss": 1})
    with pytest.raises(UnknownNameError, match=words):
        model.run([0, 1], **change)
    with pytest.raises(EaesimError, match="plain name"):
        ea.Model(lambda s, p: {}, state={"a b": 1}, parameters={"k": 1})
    other = ea.Model(lambda s, p: {"plsma": 0.0}, state={"plasma": 1}, parameters={"loss": 1})
    with pytest.raises(UnknownNameError, match="plasma"):
        other.run([0, 1])
