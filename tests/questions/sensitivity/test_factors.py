"""What is varied: bounds, scales, names, and the study that comes of a set of values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from eaesim.errors import EaesimError
from eaesim.model import load
from eaesim.protocol import Arm, Bolus, Infusion
from eaesim.questions.sensitivity import factors as module
from eaesim.questions.sensitivity.factors import Factor, vary
from eaesim.questions.sensitivity.request import SensitivityRequest
from eaesim.study import Study
from eaesim.study.ensemble import Ensemble, shipped_ensemble

ARMS = [
    Arm("vehicle"),
    Arm("day 0", Bolus("1 g/kg").at(day=0)),
    Arm("slow. twice", Infusion("0.4 g/kg", over="4 h", every="1 day", doses=2).at(day=3), mechanism="H2"),
    Arm("at onset", Bolus("1 g/kg").at(onset="score >= 1")),
]


def choose_factors(of: Study, parameters: Any = None, ranges: Any = None) -> tuple[Factor, ...]:
    return module.choose_factors(of, SensitivityRequest(parameters=parameters, ranges=ranges))


def shipped() -> Ensemble:
    ensemble = shipped_ensemble(load("lewis"))
    assert ensemble is not None
    return ensemble


def study(rat: Any = "lewis", arms: Any = ARMS) -> Study:
    return Study(rat, until=20, arms=arms)


def test_by_default_every_parameter_with_a_range_is_varied() -> None:
    entries = load("lewis").entries
    names = {factor.name for factor in choose_factors(study())}
    assert names == {
        name for name, entry in entries.items() if entry.low < entry.high and entry.kind != "protocol"
    }
    posterior = shipped()
    for factor in choose_factors(study()):
        entry = entries[factor.name]
        assert factor.unit == entry.unit
        if factor.name in posterior.names:
            assert factor.values.scale == "posterior"
            continue
        assert (factor.values.low, factor.values.high) == (entry.low, entry.high)


def test_protocol_settings_are_varied_only_where_they_are_named() -> None:
    kinds = load("lewis").entries
    assert not any(kinds[factor.name].kind == "protocol" for factor in choose_factors(study()))
    assert [factor.name for factor in choose_factors(study(), ["transferred_cells"])] == ["transferred_cells"]
    assert "transferred_cells" in {factor.name for factor in choose_factors(study(), ["protocol"])}


@pytest.mark.parametrize("mechanism", ["H1a", "H3"])
def test_an_estimated_parameter_is_drawn_from_its_posterior(mechanism: str) -> None:
    """Sets at even shares have the posterior's quantiles, weighted by the mechanism's likelihoods."""
    asked = Study("lewis", until=20, arms=ARMS, mechanism=mechanism)
    ensemble = shipped().given(mechanism)
    for name in ("expansion_rate", "severity_half_effect", "igg_uptake"):
        (factor,) = choose_factors(asked, [name])
        values = ensemble.values[:, ensemble.names.index(name)]
        drawn = np.array([factor.values.at(share) for share in np.linspace(0, 1, 2001)])
        for value in np.percentile(drawn, [10, 50, 90]):
            below = ensemble.weight[values <= value].sum() / ensemble.weight.sum()
            share = (np.searchsorted(np.sort(drawn), value) / len(drawn)) * 0.95 + 0.025
            assert below == pytest.approx(share, abs=0.01)


def test_a_rat_of_the_users_own_has_no_posterior() -> None:
    own = load("lewis").replace(expansion_rate=1.0)
    (factor,) = choose_factors(study(own), ["expansion_rate"])
    assert factor.values.scale in ("linear", "log")


def test_what_the_user_or_the_file_of_a_drug_sets_is_left_alone_unless_named() -> None:
    own = study(load("lewis").replace(priming_rate=0.5))
    assert {factor.name for factor in choose_factors(study())} - {
        factor.name for factor in choose_factors(own)
    } == {"priming_rate"}
    assert [factor.name for factor in choose_factors(own, ["priming_rate"])] == ["priming_rate"]
    late = study(arms=[Arm("late", Bolus("1 mg/kg", drug="late_acting").at(day=0))])
    assert not any(factor.name.startswith("late_acting_") for factor in choose_factors(late))
    assert [factor.name for factor in choose_factors(late, ["late_acting_potency"])] == [
        "late_acting_potency"
    ]


def test_kinds_and_names_add_up_each_once() -> None:
    entries = load("lewis").entries
    found = [factor.name for factor in choose_factors(study(), ["igg_uptake", "drug", "divisions"])]
    assert found[0] == "igg_uptake"
    assert len(found) == len(set(found))
    assert {entries[name].kind for name in found} == {"drug", "biology"}
    assert set(found) == {name for name, entry in entries.items() if entry.kind == "drug"} | {"divisions"}


def test_the_scale_is_logarithmic_where_the_bounds_are_far_apart() -> None:
    for factor in choose_factors(study()):
        low, high = factor.values.low, factor.values.high
        if factor.values.scale != "posterior":
            assert (factor.values.scale == "log") == (low > 0 and high >= 10 * low)
    own = {
        "parameter.igg_uptake": {"low": 1, "high": 2, "scale": "log"},
        "parameter.igg_exchange": {"low": 1, "high": 90},  # as in a sweep: linear unless stated
    }
    assert [factor.values.scale for factor in choose_factors(study(), [], own)] == ["log", "linear"]


def test_shares_run_from_bound_to_bound() -> None:
    for factor in choose_factors(study()):
        low, high = factor.values.low, factor.values.high
        values = [
            vary(study(), [factor], [share]).rat.entries[factor.name].value for share in (0.0, 0.25, 0.5, 1.0)
        ]
        assert (values[0], values[-1]) == (low, high), factor.name
        assert (np.diff(values) > 0).all(), factor.name
        if factor.values.scale != "posterior":
            middle = np.sqrt(low * high) if factor.values.scale == "log" else (low + high) / 2
            assert values[2] == pytest.approx(middle, rel=1e-11), factor.name


def test_own_bounds_come_before_the_cards_and_may_have_units() -> None:
    own = {
        "parameter.igg_volume_plasma": {"low": "0.03 L/kg", "high": "0.05 L/kg"},
        "arm.slow. twice.dose": {"low": "100 mg/kg over 4 h", "high": "2000 mg/kg over 4 h", "scale": "log"},
        "induction.0.amount": {"low": 0.5, "high": 2},
    }
    volume, dose, amount = choose_factors(study(), ["igg_volume_plasma"], own)
    assert (volume.name, volume.values.low, volume.unit) == ("igg_volume_plasma", 0.03, "L/kg")
    assert vary(study(), [volume], [1.0]).rat.entries["igg_volume_plasma"].value == pytest.approx(50)
    assert (dose.name, dose.values.high, dose.unit) == ("arm.slow. twice.dose", 2000, "mg/kg over 4 h")
    assert (amount.name, amount.unit) == ("induction.0.amount", "")


def test_a_set_of_values_changes_what_it_names_and_nothing_else() -> None:
    own = {
        "arm.slow. twice.dose": {
            "low": "0 g/kg over 4 h every 1 day x 2",
            "high": "1 g/kg over 4 h every 1 day x 2",
        },
        "arm.slow. twice.day": {"low": -3, "high": 9},
        "arm.at onset.dose": {"low": "0 mg/kg", "high": "200 mg/kg"},
    }
    base = study()
    factors = choose_factors(base, ["divisions"], own)
    varied = vary(base, factors, [0.5, 0.1, 0.75, 0.25])
    assert {name for name, entry in varied.rat.entries.items() if entry != base.rat.entries[name]} == {
        "divisions"
    }
    assert varied.rat.entries["divisions"].value == factors[0].values.at(0.5)
    assert varied.design.arms[:2] == base.design.arms[:2]
    slow, onset = varied.design.arms[2:]
    assert [(given.day, given.amount) for given in slow.regimen.table()] == [(6.0, 100.0), (7.0, 100.0)]
    assert slow.regimen.lines[0].dose.over == base.design.arms[2].regimen.lines[0].dose.over
    assert slow.mechanism == "H2"
    assert onset.regimen.lines[0].dose.amount == 50.0
    assert onset.regimen.lines[0].trigger == base.design.arms[3].regimen.lines[0].trigger


@pytest.mark.parametrize(
    ("parameters", "ranges", "hint"),
    [
        (["prming_rate"], {}, 'did you mean "priming_rate"'),
        (["bology"], {}, 'did you mean "biology"'),
        ("biology", {}, "list"),
        ([], {}, "nothing to vary"),
        ([], {"parameter.prming_rate": {"low": 1, "high": 2}}, 'did you mean "priming_rate"'),
        ([], {"igg_uptake": {"low": 1, "high": 2}}, "parameter.NAME"),
        ([], {"until": {"low": 1, "high": 2}}, "cannot be varied"),
        ([], {"induction.0.day": {"low": 1, "high": 2}}, "cannot be varied"),
        ([], {"arm.at onset.after": {"low": 1, "high": 2}}, "cannot be varied"),
        ([], {"arm.day O.day": {"low": 1, "high": 2}}, 'did you mean "day 0"'),
        ([], {"arm.vehicle.dose": {"low": 1, "high": 2}}, "no lines of doses"),
        ([], {"arm.at onset.day": {"low": 1, "high": 2}}, "onset"),
        ([], {"arm.day 0.day": {"low": 1}}, "high"),
        ([], {"arm.day 0.day": [1, 2]}, "range"),
        ([], {"arm.day 0.day": {"low": 3, "high": 3}}, "below"),
        ([], {"arm.day 0.day": {"low": 3, "high": 21}}, "until day 20"),
        ([], {"arm.day 0.dose": {"low": "-1 g/kg", "high": "3 g/kg"}}, "negative"),
        ([], {"arm.day 0.dose": {"low": "1 g", "high": "2 g"}}, "mg/kg"),
        ([], {"parameter.igg_uptake": {"low": 2, "high": 1}}, "below"),
        ([], {"parameter.igg_uptake": {"low": -2, "high": 1}}, "igg_uptake"),
        ([], {"parameter.igg_uptake": {"low": float("nan"), "high": 1}}, "finite"),
        ([], {"parameter.igg_uptake": {"low": 0, "high": 1, "scale": "log"}}, "above 0"),
        ([], {"parameter.igg_uptake": {"low": 1, "high": 2, "scale": "lg"}}, 'did you mean "log"'),
    ],
)
def test_what_cannot_be_varied_is_refused(parameters: Any, ranges: Any, hint: str) -> None:
    with pytest.raises(EaesimError, match=hint) as caught:
        choose_factors(study(), parameters, ranges)
    assert "\n" not in str(caught.value)
