"""Experiments that could be run: every one is whole, and days before the first induction work."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim.analysis.estimation.proposals import read_proposals
from eaesim.analysis.estimation.trial import AT_ONSET, effects, run_arms
from eaesim.errors import UnknownNameError
from eaesim.model import load

TABLE = '[one]\ntitle = "One"\nexperiment = "{}"\ndose = "1 g/kg"\nday = 0\nendpoint = "{}"\nfinding = "{}"\n'


def test_relapses_are_dosed_and_read_from_their_induction_on():
    for proposal in read_proposals().values():
        trial = proposal.trial
        days = [each.day for each in trial.experiment.design.inductions if each.kind == "relapse"]
        assert trial.since_relapse == bool(days)
        assert not days or trial.day == days[0]
        assert trial.day == AT_ONSET or trial.day <= trial.experiment.design.until


def test_no_two_are_the_same():
    proposals = read_proposals().values()
    assert len({each.title for each in proposals}) == len(proposals)
    assert len({(each.trial.experiment.name, each.given) for each in proposals}) == len(proposals)


@pytest.mark.parametrize(
    ("experiment", "endpoint", "finding", "said"),
    [
        ("lewis_imunised", "peak_score", "A4", "lewis_immunised"),
        ("lewis_immunised", "peak_skore", "A4", "peak_score"),
        ("lewis_immunised", "peak_score", "A44", "A4"),
    ],
)
def test_an_unknown_name_is_explained(tmp_path, experiment, endpoint, finding, said):
    path = tmp_path / "designs.toml"
    path.write_text(TABLE.format(experiment, endpoint, finding), encoding="utf-8")
    with pytest.raises(UnknownNameError, match=said):
        read_proposals(path)


def test_a_dose_before_the_induction_fades():
    rat, proposals = load("lewis"), read_proposals()
    found = {}
    for name in ("lewis_day_-7", "lewis_day_0"):
        ((dosed, control),) = run_arms(
            [proposals[name].trial],
            [rat.parameters("none")],
            [rat.parameters("H1a")],
            entries=rat.entries,
            animals=8,
            seed=1,
        )
        found[name] = float(effects(dosed, control)[0])
    assert 0 <= found["lewis_day_-7"] < found["lewis_day_0"]
    assert np.isfinite(list(found.values())).all()
