"""The files of an ensemble: whole or not there, and explained where they are damaged."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from eaesim.errors import FileError, UnknownNameError
from eaesim.study import read_ensemble
from eaesim.study.ensemblefile import read_files, write_files

ABOUT = {"rat": "lewis", "command": "eaesim fit", "seed": 1}
COLUMNS = {"divisions": np.array([8.0, 9.0])}
WEIGHT = np.array([1.0, 2.0])


def write(folder, **columns):
    write_files(folder, "mine", COLUMNS, WEIGHT, ABOUT)
    if columns:
        pq.write_table(pa.table(columns), folder / "mine.ensemble.parquet")
    return folder


def test_files_come_back(tmp_path):
    paths = write_files(tmp_path / "new", "mine", COLUMNS, WEIGHT, ABOUT | {"note": "ü"})
    assert [path.name for path in paths] == ["mine.ensemble.parquet", "mine.ensemble.toml"]
    columns, weight, about = read_files(tmp_path / "new", "mine")
    assert columns["divisions"].tolist() == [8.0, 9.0]
    assert weight.tolist() == [1.0, 2.0]
    assert about == ABOUT | {"note": "ü"}
    assert len(list((tmp_path / "new").iterdir())) == 2


def test_the_same_ensemble_gives_the_same_bytes(tmp_path):
    for folder in ("one", "two"):
        write_files(tmp_path / folder, "mine", COLUMNS, WEIGHT, ABOUT)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "two\nlines"])
def test_a_name_that_is_no_file_name_writes_nothing(tmp_path, name):
    with pytest.raises(FileError, match=r"^[^\n]*is not a name[^\n]*$|not a name"):
        write_files(tmp_path, name, COLUMNS, WEIGHT, ABOUT)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("about", "error", "message"),
    [
        ({"rat": "lewis", "seed": 1}, FileError, "has no command"),
        (ABOUT | {"seed": "one"}, FileError, "seed = 'one' is not what belongs there"),
        (ABOUT | {"sed": 1}, UnknownNameError, 'did you mean "seed"'),
    ],
)
def test_a_text_that_does_not_say_where_it_comes_from_writes_nothing(tmp_path, about, error, message):
    with pytest.raises(error, match=message):
        write_files(tmp_path, "mine", COLUMNS, WEIGHT, about)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"member": [0], "divisions": [8.0]}, "has no column weight"),
        ({"weight": [1.0], "divisions": [8.0]}, "has no column member"),
        ({"member": [0], "weight": [1.0]}, "at least one member"),
        ({"member": [0], "weight": [1.0], "divisions": ["8"]}, "divisions does not hold numbers"),
        ({"member": [0], "weight": [1.0], "divisions": [None]}, "does not hold numbers"),
        ({"member": [0], "weight": [0.0], "divisions": [8.0]}, "weight of an ensemble is not"),
        ({"member": [0], "weight": [1.0], "divisions": [float("inf")]}, "not a finite number"),
    ],
)
def test_a_table_that_is_no_ensemble_is_explained(tmp_path, columns, message):
    with pytest.raises(FileError, match=rf"^[^\n]*{message}[^\n]*$"):
        read_ensemble(write(tmp_path, **columns))


def test_an_unknown_parameter_is_helped(tmp_path):
    with pytest.raises(UnknownNameError, match='"divison" is not a parameter; did you mean "divisions"'):
        read_ensemble(write(tmp_path, member=[0], weight=[1.0], divison=[8.0]))


def test_a_damaged_or_missing_file_is_explained(tmp_path, fit_folder):
    def copied(name: str) -> Path:
        return Path(shutil.copytree(fit_folder, tmp_path / name))

    cut = copied("cut") / "mine.ensemble.parquet"
    cut.write_bytes(cut.read_bytes()[:-20])
    bent = copied("bent") / "mine.ensemble.parquet"
    content = bytearray(bent.read_bytes())
    content[200] ^= 255
    bent.write_bytes(content)
    for path in (cut, bent):
        with pytest.raises(FileError, match=r"^[^\n]*is damaged, or no Parquet file[^\n]*$"):
            read_ensemble(path.parent)
    alone = copied("alone") / "mine.ensemble.toml"
    alone.unlink()
    with pytest.raises(FileError, match="belongs next to the table"):
        read_ensemble(alone.parent)
    broken = copied("broken") / "mine.ensemble.toml"
    broken.write_text("rat = ", encoding="utf-8")
    with pytest.raises(FileError, match="broken TOML"):
        read_ensemble(broken.parent)
    other = copied("other") / "mine.ensemble.toml"
    other.write_text(other.read_text("utf-8").replace('"lewis"', '"lewi"', 1), encoding="utf-8")
    with pytest.raises(UnknownNameError, match='"lewi" is not a rat; did you mean "lewis"'):
        read_ensemble(other.parent)
