"""Both ensembles at once: those of a folder, and what is said where one is not there."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim.errors import EaesimError, FileError
from eaesim.estimation.agreement import LARGEST_RHAT, rhat
from eaesim.estimation.ensembles import read_ensembles
from eaesim.model import load
from eaesim.study.ensemble import Ensemble, write_ensemble

ABOUT = {"command": "eaesim fit", "seed": 1}


def write(folder, strain, weight=(0.5, 0.5)):
    values = np.array([[8.0], [9.0]])
    write_ensemble(folder, strain, Ensemble(load(strain), ("divisions",), values, np.array(weight), ABOUT))


def test_members_come_back(tmp_path):
    for strain in ("da", "lewis"):
        write(tmp_path, strain)
    found = read_ensembles(tmp_path)
    assert list(found) == ["lewis", "da"]
    for strain, ensemble in found.items():
        assert ensemble.rat.name == strain
        assert [rat.entries["divisions"].value for rat in ensemble.members(2)] == [8.0, 9.0]


def test_one_that_is_missing_is_named(tmp_path):
    write(tmp_path, "lewis")
    with pytest.raises(FileError, match="holds no ensemble of da"):
        read_ensembles(tmp_path)


def test_members_that_do_not_belong_together_are_refused(tmp_path):
    write(tmp_path, "lewis")
    write(tmp_path, "da", (0.4, 0.6))
    with pytest.raises(FileError, match="not made together"):
        read_ensembles(tmp_path)


@pytest.mark.parametrize("content", [b"", b"nothing"])
def test_a_damaged_file_is_one_line(tmp_path, content):
    for strain in ("da", "lewis"):
        write(tmp_path, strain)
    (tmp_path / "da.ensemble.parquet").write_bytes(content)
    with pytest.raises(EaesimError) as caught:
        read_ensembles(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_file_is_no_folder(tmp_path):
    path = tmp_path / "file"
    path.write_text("", encoding="utf-8")
    with pytest.raises(FileError, match="is not a folder"):
        read_ensembles(path)


def test_the_chains_of_the_shipped_ensembles_agree_in_every_number():
    for strain, ensemble in read_ensembles().items():
        chain = np.array(ensemble.about["chain"])
        varied = np.ptp(ensemble.values, axis=0) > 0
        apart = [ensemble.values[chain == each][:, varied] for each in np.unique(chain)]
        assert len(apart) >= 2
        fewest = min(len(each) for each in apart)
        assert rhat(np.array([each[:fewest] for each in apart])).max() <= LARGEST_RHAT, strain
