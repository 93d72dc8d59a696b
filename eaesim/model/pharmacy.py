"""Drugs by name: those of the package, of a folder of the user, and those made in Python."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files
from os import PathLike
from pathlib import Path

from eaesim.errors import FileError, unknown_name
from eaesim.files import parse_toml, read_text, within
from eaesim.model.drug import OWN_DRUGS, Drug, read_drug
from eaesim.model.parameter_file import Parameter, file_names

#: The drug under study, whose mechanisms have their strengths in the animal.
STUDIED_DRUG = "ivig"
_FOLDERS: ContextVar[tuple[Path, ...]] = ContextVar("folders of drugs", default=())


@cache
def shipped_drugs() -> tuple[str, ...]:
    """Return the name of every drug of the package, in alphabetical order.

    Examples
    --------
    >>> "ivig" in shipped_drugs()
    True
    """
    return file_names(files("eaesim.model") / "drugs")


def drug_names() -> tuple[str, ...]:
    """Return the name of every drug: of the package, of the folders given, and those made in Python.

    Examples
    --------
    >>> "ivig" in drug_names()
    True
    """
    found = {path.stem for folder in _FOLDERS.get() for path in folder.glob("*.toml") if is_drug(path)}
    return tuple(sorted({*shipped_drugs(), *OWN_DRUGS, *found}))


@contextmanager
def drugs_from(*folders: str | PathLike[str]) -> Iterator[None]:
    r"""Find drugs in these folders too, while the block runs.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, drugs_from(folder):
    ...     text = 'title = "own"\nsource = "assumed"\n[disposition]\nvolume = "1 L/kg"\n'
    ...     _ = Path(folder, "own.toml").write_text(f'{text}elimination = "1 1/day"\n')
    ...     load_drug("own").title
    'own'
    """
    paths = tuple(map(Path, folders))
    for path in paths:
        if not path.is_dir():
            raise FileError(f"{path} is not a folder; name one with files of drugs.")
    token = _FOLDERS.set((*(path for path in paths if path not in _FOLDERS.get()), *_FOLDERS.get()))
    try:
        yield
    finally:
        _FOLDERS.reset(token)


def load_drug(name: str) -> Drug:
    """Return the drug of that name.

    Examples
    --------
    >>> load_drug("ivig").concentration
    100.0
    """
    places = dict.fromkeys((folder / f"{name}.toml").resolve() for folder in _FOLDERS.get())
    own = [path for path in places if path.is_file() and (is_drug(path) or name not in shipped_drugs())]
    if len(own) > 1 or (own and name in shipped_drugs()):
        other = own[1] if len(own) > 1 else "one of the package"
        raise FileError(f"{own[0]}: another drug has the name {name}: {other}; rename the file.")
    if own:
        return read_drug_file(own[0])
    if name in shipped_drugs():
        return _shipped(name)
    if name not in OWN_DRUGS:
        raise unknown_name(name, "drug", drug_names())
    return OWN_DRUGS[name]


def known_drug(drug: str | Drug) -> Drug:
    """Return a drug by its name; one made in Python becomes known by its name.

    Examples
    --------
    >>> known_drug("ivig").title
    'intravenous immunoglobulin'
    """
    if isinstance(drug, Drug):
        return drug if drug.name in shipped_drugs() or drug.chosen else known(drug)
    return load_drug(drug)


def drug_parameter(name: str) -> Parameter | None:
    """Return a parameter of a drug that is known here; None if no drug has it.

    Examples
    --------
    >>> drug_parameter("late_acting_elimination").value
    0.35
    """
    owners = [each for each in drug_names() if name.startswith(f"{each}_")]
    found = (load_drug(each).parameters.get(name) for each in owners)
    return next((entry for entry in found if entry is not None), None)


def read_drug_file(path: str | PathLike[str]) -> Drug:
    """Read a drug from its file, whose name is that of the drug, and make it known by that name."""
    with within(str(path)):
        return known(_read(Path(path).stem, read_text(path)))


@cache
def _read(name: str, text: str) -> Drug:
    return read_drug(name, parse_toml(text))


@cache
def _shipped(name: str) -> Drug:
    text = files("eaesim.model").joinpath("drugs", f"{name}.toml").read_text("utf-8")
    return read_drug(name, parse_toml(text))


def known(drug: Drug) -> Drug:
    """Make a drug known by its name in this process, and return it."""
    if drug.name in shipped_drugs():
        raise FileError(f"another drug has the name {drug.name}: one of the package; choose another.")
    OWN_DRUGS[drug.name] = drug
    return drug


def is_drug(path: Path) -> bool:
    """Return whether a TOML file is a drug: it has a disposition."""
    try:
        return "disposition" in parse_toml(read_text(path))
    except FileError:
        return False
