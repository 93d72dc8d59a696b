"""Experiments that could be run: every one is whole, and days before the first induction work."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim.errors import UnknownNameError
from eaesim.estimation.population import simulate_populations
from eaesim.estimation.rats import even_rats
from eaesim.estimation.trial import AT_ONSET, Controls, effects, run_arms
from eaesim.model import load
from eaesim.questions.discriminate.proposals import read_proposals

TABLE = '[one]\ntitle = "One"\nexperiment = "{}"\ndose = "1 g/kg"\nday = 0\nendpoint = "{}"\nfinding = "{}"\n'


def test_relapses_are_dosed_and_read_from_their_induction_on():
    for proposal in read_proposals().values():
        trial = proposal.trial
        days = [each.day for each in trial.experiment.design.inductions if each.kind == "relapse"]
        assert trial.since_relapse == bool(days)
        # Rats that are protected from the first disease are dosed then.
        assert not days or trial.day == (0 if proposal.name == "lewis_protected_again" else days[0])
        assert trial.day == AT_ONSET or trial.day <= trial.experiment.design.until


def test_no_two_are_the_same():
    proposals = read_proposals().values()
    assert len({each.title for each in proposals}) == len(proposals)
    done = {
        (each.trial.experiment.name, each.given, each.trial.endpoint, each.trial.donors is None)
        for each in proposals
    }
    assert len(done) == len(proposals)


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
        controls = Controls([rat.parameters("none")], rat.entries, 8, 1)
        ((dosed, control),) = run_arms([proposals[name].trial], controls, [rat.parameters("H1a")])
        found[name] = float(effects(dosed, control)[0])
    assert 0 <= found["lewis_day_-7"] < found["lewis_day_0"]
    assert np.isfinite(list(found.values())).all()


def test_donors_are_dosed_and_recipients_are_given_what_is_left_of_their_cells():
    rat, trial = load("lewis"), read_proposals()["lewis_protected_donors"].trial
    assert trial.donors.design.until == 11
    plain = rat.parameters("none")
    controls = Controls([plain], rat.entries, 4, 1)
    ((same, control),) = run_arms([trial], controls, [plain])
    np.testing.assert_array_equal(same, control)
    # By hand: as much less of the cells, and no drug in the recipients.
    dosed = rat.parameters("H1a")
    donors = even_rats(4, seed=1, days=12)
    pools = [
        simulate_populations(
            trial.donors, [typical], entries=rat.entries, rats=donors, dose=trial.dose, days=days
        )
        .transferable[0, :, 11]
        .mean()
        for typical, days in ((plain, None), (dosed, np.zeros((1, 16))))
    ]
    assert pools[1] < pools[0]
    fewer = dosed._replace(transferred_cells=plain.transferred_cells * pools[1] / pools[0])
    ((found, _),) = run_arms([trial], controls, [dosed])
    rats = even_rats(4, seed=1, days=trial.experiment.days)
    expected = simulate_populations(trial.experiment, [fewer], entries=rat.entries, rats=rats)
    np.testing.assert_allclose(found, trial.values(expected))


def test_donors_of_an_experiment_that_there_is_not_are_refused(tmp_path):
    path = tmp_path / "designs.toml"
    text = TABLE.format("lewis_transfer", "peak_score", "A4") + 'donors = "lewis_imunised"\nharvest = 11\n'
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnknownNameError, match='did you mean "lewis_immunised"'):
        read_proposals(path)


def test_designs_on_protected_rats_repeat_what_was_published_on_them_alone():
    proposals = read_proposals()
    assert proposals["lewis_protected_again"].repeats == ("E12",)
    assert proposals["lewis_protected_donors"].repeats == ("E13",)
    assert proposals["lewis_onset"].repeats == proposals["da_onset"].repeats == ()
