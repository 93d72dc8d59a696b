"""Rats and patients by name: of the package, of a fit, and strains of the user."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from eaesim.errors import FileError, ProtocolError
from eaesim.files import parse_toml, read_text
from eaesim.model import Rat, rat_names
from eaesim.model import load as load_shipped
from eaesim.model.patient import load_subject, patient_names
from eaesim.model.species import HUMAN
from eaesim.study.ensemble import is_fit, read_ensemble

ENDING = ".toml"
#: Hashes of the values of the strains that were read, by path, for the manifests of runs that name them.
OWN_STRAINS: dict[str, str] = {}


def load(name: str) -> Rat:
    """Return a rat or a patient by name, the rat of a fit by its folder, or a strain by its file.

    Parameters
    ----------
    name
        One of `eaesim.rat_names`; ``"patient"`` or ``"patient_progressive"``; a folder that `eaesim fit`
        wrote, and where it holds several ensembles, ``FOLDER/NAME``; or a file of a strain, ``NAME.toml``.
        Both are relative to the working directory.

    Raises
    ------
    UnknownNameError
        If there is no such rat.
    FileError
        If the folder has no ensemble, or its files are damaged.

    Examples
    --------
    >>> load("da").strain, load("patient").species
    ('da', 'human')
    """
    if isinstance(name, str) and name in patient_names():
        return load_subject(name)
    if isinstance(name, str) and name not in rat_names() and is_fit(name):
        return read_ensemble(name).rat
    if is_strain(name):
        return known_strain(name)
    return load_shipped(name)


def rat_of(rat: Rat | str) -> Rat:
    """Return a rat, which may be given by name; patients are refused.

    Examples
    --------
    >>> rat_of("da").strain
    'da'
    """
    found = rat if isinstance(rat, Rat) else load(rat)
    if found.species == HUMAN:
        raise ProtocolError(
            f'"{found.name}" is a patient, not a rat: eaesim trial and eaesim timing patient ask about '
            "patients."
        )
    return found


def is_strain(name: str) -> bool:
    """Return whether a name is the path of a file of a strain: it has a base and no study.

    Examples
    --------
    >>> is_strain("lewis")
    False
    """
    if not isinstance(name, str) or not name.endswith(ENDING):
        return False
    try:
        return "base" in parse_toml(read_text(name))
    except FileError:
        return False


def beside(name: str, file: str | PathLike[str]) -> str:
    """Return the path of a strain that lies beside a study file, or else the name as it is.

    Examples
    --------
    >>> beside("lewis", "studies/first.toml")
    'lewis'
    """
    there = str(Path(file).parent / name)
    return there if is_strain(there) and not is_strain(name) else name


def known_strain(path: str) -> Rat:
    """Return the strain of a file, and remember its values."""
    found = Rat.from_file(path)
    OWN_STRAINS[path] = found.fingerprint
    return found
