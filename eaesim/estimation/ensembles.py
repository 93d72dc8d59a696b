"""The ensembles of both strains, made together: those of a fit's folder, or the shipped ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from eaesim.endpoints import Floats
from eaesim.errors import FileError, QuantityError
from eaesim.estimation.budget import check_budget
from eaesim.estimation.prior import Prior
from eaesim.model import FULL, LEAN, load
from eaesim.model.species import DEFAULT, companions
from eaesim.study.ensemble import SHIPPED, Ensemble, read_sets
from eaesim.study.ensemblefile import TABLE


def read_ensembles(folder: Path | None = None, *, rats: Iterable[str] | None = None) -> dict[str, Ensemble]:
    """Read the ensembles of Lewis and DA rats, whose parameter sets belong together.

    Parameters
    ----------
    folder
        What `eaesim fit` wrote: it holds ``lewis.ensemble.parquet`` and ``da.ensemble.parquet``, or those of
        the lean rats. None: the shipped ones.
    rats
        The rats, or one of them; by default those that a fit's folder holds, of the shipped ones the default.

    Returns
    -------
    dict
        By strain; parameter set i of one belongs to set i of the other.

    Raises
    ------
    FileError
        If one is missing or damaged, or if they were not made together.
    UnknownNameError, QuantityError
        If there are no such rats, or lean ones are mixed with others.

    Examples
    --------
    >>> read_ensembles(Path("nowhere"))
    Traceback (most recent call last):
    ...
    eaesim.errors.FileError: nowhere is not a folder; name what eaesim fit wrote for both lewis and da.
    """
    if folder is None:
        place, name = Path(str(SHIPPED)), "eaesim ships no ensemble of {}; name the folder of a fit."
    else:
        place, name = folder, f"{folder} holds no ensemble of {{}}; name the folder of a fit of both rats."
        if not folder.is_dir():
            raise FileError(f"{folder} is not a folder; name what eaesim fit wrote for both lewis and da.")
    asked = DEFAULT if rats is None else companions(rats)
    if rats is None and folder is not None:
        lean = any((place / f"{each}{TABLE}").is_file() for each in LEAN)
        full = any((place / f"{each}{TABLE}").is_file() for each in FULL)
        asked = LEAN if lean and not full else FULL
    for each in asked:
        if not (place / f"{each}{TABLE}").is_file():
            raise FileError(name.format(each))
    found = {load(each).strain: read_sets(place, each, rat=load(each)) for each in asked}
    weights = [ensemble.weight for ensemble in found.values()]
    if not all(np.array_equal(weights[0], weight) for weight in weights):
        raise FileError(f"{place} holds ensembles that were not made together: their parameter sets differ.")
    return found


def fingerprints(ensembles: Mapping[str, Ensemble]) -> dict[str, str]:
    """Return what tells ensembles from others, by strain: a setting of every run that asks them."""
    return {strain: ensemble.fingerprint for strain, ensemble in sorted(ensembles.items())}


def member_count(ensembles: Iterable[Ensemble], members: int | None, *, default: int) -> int:
    """Return the number of parameter sets: as stated, else `default` or as many as there are.

    Raises
    ------
    QuantityError
        If it is no such number, or more than an ensemble has.

    Examples
    --------
    >>> member_count(read_ensembles().values(), None, default=64)
    64
    """
    there = min(len(ensemble) for ensemble in ensembles)
    if members is None:
        return min(default, there)
    check_budget(members=members)
    if members > there:
        raise QuantityError(f"members = {members}; the ensemble has {there}.")
    return members


def member_places(ensembles: Mapping[str, Ensemble], prior: Prior) -> Floats:
    """Return where parameter sets lie in a prior, shape (members, numbers).

    Parameters
    ----------
    ensembles
        By strain, made together.
    prior
        Prior of the fit that made them, or of one of its strains.

    Raises
    ------
    QuantityError
        If they hold no value of a number that the prior has.

    Examples
    --------
    >>> from eaesim.estimation.prior import read_prior
    >>> member_places(read_ensembles(), read_prior({"da": load("da")})).shape
    (384, 55)
    """
    columns = []
    for free in prior.free:
        own = ensembles[free.strain if free.strain in ensembles else next(iter(prior.rats))]
        if free.name not in own.names:
            raise QuantityError(f"the ensembles hold no value of {free.name}, which is estimated.")
        columns.append(free.place(own.values[:, own.names.index(free.name)]))
    return np.column_stack(columns)
