"""A sampler that was stopped goes on where it was."""

from __future__ import annotations

import numpy as np
import pytest

from eaesim.errors import FileError
from eaesim.estimation.record import Record
from eaesim.estimation.sampler import sample


def likelihood(places):
    return -0.5 * (((places - 0.4) / 0.05) ** 2).sum(axis=1)


class StoppedError(Exception):
    pass


def run(folder, most=10**9):
    asked = 0

    def computed(places):
        nonlocal asked
        asked += 1
        if asked > most:
            raise StoppedError
        return likelihood(places)

    record = Record(computed, folder)
    return sample(record, numbers=3, particles=20, seed=4, last_moves=5)[0], record


def test_it_goes_on_and_comes_to_the_same_bytes(tmp_path):
    whole, plain = run(None)
    with pytest.raises(StoppedError):
        run(tmp_path / "kept", most=9)
    again, record = run(tmp_path / "kept")
    assert again.tobytes() == whole.tobytes()
    assert record.read == 9
    assert record.read + record.computed == plain.computed


@pytest.mark.parametrize("damage", [b"", b"PK no archive"])
def test_a_damaged_file_is_computed_again(tmp_path, damage):
    whole, _ = run(tmp_path)
    (tmp_path / "00003.npz").write_bytes(damage)
    again, record = run(tmp_path)
    assert again.tobytes() == whole.tobytes()
    assert record.computed == 1


def test_what_was_kept_for_other_places_is_not_taken(tmp_path):
    run(tmp_path)
    record = Record(likelihood, tmp_path)
    places = np.random.default_rng(1).random((20, 3))
    assert record(places) == pytest.approx(likelihood(places))
    assert record.computed == 1


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(FileError, match="cannot be written"):
        Record(likelihood, tmp_path / "file" / "below")(np.zeros((2, 3)))
