"""The two files of an ensemble: a table with one row per parameter set, and a text with its origin."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from eaesim.endpoints import Floats
from eaesim.errors import FileError, check_names
from eaesim.files import Unchecked, parse_toml, read_bytes, read_text
from eaesim.study.filling import writing, written_beside

TABLE, ABOUT = ".ensemble.parquet", ".ensemble.toml"
KEYS = ("rat", "title", "strain", "command", "seed", "animals", "versions", "note", "chain")
_NEEDED = {"rat": str, "command": str, "seed": int}
_KINDS = {
    **_NEEDED,
    "title": str,
    "strain": str,
    "animals": int,
    "versions": Mapping,
    "note": str,
    "chain": list,
}
_OWN = ("member", "weight")
# Columns other than parameters: by mechanism, the likelihood of published findings on treated rats in each
# parameter set, and the effect of 1 g/kg at immunisation on its peak score.
LIKELIHOOD, EFFECT = "likelihood_", "effect_"


def write_files(
    folder: Path, name: str, columns: Mapping[str, Floats], weight: Floats, about: Unchecked
) -> tuple[Path, Path]:
    """Write both files, whole or not at all."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    import tomlkit

    if not name or Path(name).name != name or not name.isprintable() or name.startswith("."):
        raise FileError(f'"{name}" is not a name for an ensemble; write for example lewis.')
    check_about(about, name=f"{name}{ABOUT}")
    table = pa.table({"member": np.arange(len(weight)), "weight": weight, **columns})
    text = tomlkit.dumps({key: about[key] for key in KEYS if key in about})
    paths = folder / f"{name}{TABLE}", folder / f"{name}{ABOUT}"
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with written_beside(paths[0]) as values, written_beside(paths[1]) as origin:
            pq.write_table(table, values, write_page_checksum=True)
            origin.write_text(text, encoding="utf-8", newline="\n")
            values.replace(paths[0])
            origin.replace(paths[1])
    return paths


def read_files(folder: Path, name: str) -> tuple[dict[str, Floats], Floats, Unchecked]:
    """Read both files: the values of each parameter, the weights, and the text."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = folder / f"{name}{TABLE}"
    try:
        # Not pq.read_table, which would search for further files.
        content = pa.BufferReader(read_bytes(path))
        with pq.ParquetFile(content, page_checksum_verification=True) as file:
            table = file.read()
    except (FileError, OSError, pa.ArrowException) as error:
        raise FileError(f"{path} is damaged, or no Parquet file; regenerate it with eaesim fit.") from error
    for column in _OWN:
        if table.column_names.count(column) != 1:
            raise FileError(f"{path} is not an ensemble: it has no column {column}.")
    columns = {}
    for column in table.column_names:
        kind = table.schema.field(column).type
        if not (pa.types.is_floating(kind) or pa.types.is_integer(kind)):
            raise FileError(f"{path}: the column {column} does not hold numbers.")
        columns[column] = table[column].to_numpy().astype(np.float64)
    weight = columns.pop("weight")
    columns.pop("member")
    return columns, weight, _read_about(folder / f"{name}{ABOUT}")


def split_columns(
    columns: Mapping[str, Floats],
) -> tuple[dict[str, Floats], dict[str, Floats], dict[str, Floats]]:
    """Return the columns of parameters, and those of likelihoods and effects by mechanism.

    Examples
    --------
    >>> [list(part) for part in split_columns({"divisions": 1, "likelihood_H2": 2, "effect_H1a": 3})]
    [['divisions'], ['H2'], ['H1a']]
    """
    likelihood, effect = (
        {name.removeprefix(prefix): values for name, values in columns.items() if name.startswith(prefix)}
        for prefix in (LIKELIHOOD, EFFECT)
    )
    own = {name: values for name, values in columns.items() if not name.startswith((LIKELIHOOD, EFFECT))}
    return own, likelihood, effect


def _read_about(path: Path) -> Unchecked:
    try:
        about = parse_toml(read_text(path))
    except FileError as error:
        raise FileError(f"{path}, which belongs next to the table: {error}") from error
    check_about(about, name=str(path))
    return about


def check_about(about: Unchecked, *, name: str) -> None:
    """Check that a text gives the origin of an ensemble."""
    for key, value in about.items():
        check_names([key], f"key of {name}", KEYS)
        if not isinstance(value, _KINDS[key]) or isinstance(value, bool):
            raise FileError(f"{name}: {key} = {value!r} is not what belongs there.")
    for key in _NEEDED:
        if key not in about:
            raise FileError(f"{name} has no {key}; an ensemble says the rat, the command and the seed.")
