"""Ensembles: parameter sets consistent with the data, instead of a single one."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

import numpy as np

from eaesim.endpoints import Floats
from eaesim.errors import FileError, QuantityError, unknown_name
from eaesim.files import Unchecked
from eaesim.model import Parameters, Rat, load, parse_mechanism, rat_names
from eaesim.protocol.quantity import count as whole_number
from eaesim.study.claim import file_made_by
from eaesim.study.ensemblefile import EFFECT, LIKELIHOOD, TABLE, read_files, split_columns, write_files
from eaesim.study.weights import equal_steps

SHIPPED = files("eaesim.study") / "ensembles"
MOST_MEMBERS = 10_000


@dataclass(frozen=True, eq=False)
class Ensemble:
    """Weighted parameter sets of a rat.

    Attributes
    ----------
    rat
        Rat with all other parameters; values set on it by the user take precedence over the sets.
    names
        Parameters that differ between sets.
    values
        Values, shape (members, names), in each parameter's unit.
    weight
        Weight of each set, shape (members,).
    about
        Origin: ``rat`` (the shipped rat they change), ``title``, ``strain``, ``command``,
        ``seed``, ``animals``, ``versions``, ``note``, ``chain`` (chain of the fit, for each set).
    likelihood
        Likelihood of the published data on treated rats in each set, by mechanism of IVIG.
    effect
        Effect of 1 g/kg at immunisation on the peak score in each set, by mechanism: the order for stratified
        sampling of a few sets.

    Raises
    ------
    UnknownNameError
        If a parameter is not known.
    QuantityError
        If there is no set, a value is not finite or below 0, or a weight is not above 0.
    """

    rat: Rat
    names: tuple[str, ...]
    values: Floats
    weight: Floats
    about: Unchecked
    likelihood: Mapping[str, Floats] = field(default_factory=dict)
    effect: Mapping[str, Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in self.names:
            if name not in Parameters._fields:
                raise unknown_name(name, "parameter", Parameters._fields)
        if len(set(self.names)) < len(self.names):
            raise QuantityError("a parameter of an ensemble is named twice.")
        shape = (len(self.weight), len(self.names))
        if 0 in shape or np.shape(self.values) != shape or np.ndim(self.weight) != 1:
            raise QuantityError(
                "an ensemble has at least one member and one parameter, and one value for each pair."
            )
        for name, values in zip(self.names, self.values.T, strict=True):
            if not np.isfinite(values).all() or (values < 0).any():
                raise QuantityError(f"{name} has a value that is not a finite number, 0 or more.")
        if not np.isfinite(self.weight).all() or not (self.weight > 0).all():
            raise QuantityError("a weight of an ensemble is not a finite number above 0.")
        for name, likely in self.likelihood.items():
            parse_mechanism(name)
            if (
                np.shape(likely) != np.shape(self.weight)
                or not np.isfinite(likely).all()
                or (likely <= 0).any()
            ):
                raise QuantityError(f"a likelihood under {name} is not a finite number above 0.")
        for name, effect in self.effect.items():
            parse_mechanism(name)
            if np.shape(effect) != np.shape(self.weight) or not np.isfinite(effect).all():
                raise QuantityError(f"an effect under {name} is not a finite number.")

    def __repr__(self) -> str:
        """Return the rat, and the numbers of parameter sets and parameters."""
        return f"Ensemble({self.rat!r}, {len(self.weight)} members, {len(self.names)} parameters)"

    def __len__(self) -> int:
        return len(self.weight)

    def members(self, count: int) -> tuple[Rat, ...]:
        """Return some parameter sets as rats: a representative, reproducible selection.

        They are taken at equal steps of the summed weights, so a set with a large weight may be repeated.

        Raises
        ------
        QuantityError
            If it is not such a number.

        Examples
        --------
        >>> values, weight = np.array([[8.0], [9.0], [10.0]]), np.array([1.0, 1.0, 2.0])
        >>> ensemble = Ensemble(load("lewis"), ("divisions",), values, weight, {})
        >>> [rat.entries["divisions"].value for rat in ensemble.members(4)]
        [8.0, 9.0, 10.0, 10.0]
        """
        number = whole_number(count, what="members", least=1, most=MOST_MEMBERS)
        return tuple(self.member(int(place)) for place in equal_steps(self.weight, number))

    def given(self, mechanism: str) -> Ensemble:
        """Return the same sets, weighted by the likelihood of the data on treated rats.

        They are sorted by the effect of 1 g/kg at immunisation, if known: a few sets at equal steps of the
        summed weights then represent weak and strong effects.

        Parameters
        ----------
        mechanism
            Mechanism of IVIG: ids combined with ``+``, whose likelihoods and effects are averaged, or
            ``"none"``, which changes nothing.

        Examples
        --------
        >>> values, weight, rows = np.array([[8.0], [9.0]]), np.array([0.5, 0.5]), np.array([0.1, 0.3])
        >>> Ensemble(load("lewis"), ("divisions",), values, weight, {}, {"H1a": rows}).given("H1a").weight
        array([0.25, 0.75])
        """
        names = parse_mechanism(mechanism)
        likely = [self.likelihood[name] for name in names if name in self.likelihood]
        effects = [self.effect[name] for name in names if name in self.effect]
        if not likely and not effects:
            return self
        weight = self.weight * np.mean(likely, axis=0) if likely else self.weight
        weight = weight / weight.sum()
        order = np.argsort(np.mean(effects, axis=0), kind="stable") if effects else np.arange(len(self))
        return replace(
            self,
            values=self.values[order],
            weight=weight[order],
            likelihood={name: values[order] for name, values in self.likelihood.items()},
            effect={name: values[order] for name, values in self.effect.items()},
        )

    def column(self, name: str) -> Floats:
        """Return a parameter's value in each set, even if it does not vary.

        Examples
        --------
        >>> ensemble = Ensemble(load("lewis"), ("divisions",), np.array([[8.0], [9.0]]), np.ones(2), {})
        >>> ensemble.column("divisions").tolist(), ensemble.column("treg_number").tolist()
        ([8.0, 9.0], [300.0, 300.0])
        """
        if name in self.names:
            return np.asarray(self.values[:, self.names.index(name)])
        return np.full(len(self), self.rat.entries[name].value)

    def median(self) -> Rat:
        """Return the central set: over all parameters, the nearest to their weighted medians.

        Distance is measured in ranks, which are independent of units and scales.
        """
        ranks = np.stack([_ranks(values, self.weight) for values in self.values.T], axis=1)
        return self.member(int(((ranks - 0.5) ** 2).sum(axis=1).argmin()))

    def member(self, place: int) -> Rat:
        """Return one parameter set as a rat."""
        values = dict(zip(self.names, self.values[place].tolist(), strict=True))
        return self.rat.with_values(values, source=f"ensemble of {self.rat.name}, member {place}")

    @property
    def fingerprint(self) -> str:
        """A text that differs between ensembles with other values or weights."""
        found = hashlib.sha256(repr(self.names).encode())
        for values in (self.values, self.weight, *self.likelihood.values(), *self.effect.values()):
            found.update(np.ascontiguousarray(values, dtype="<f8").tobytes())
        return found.hexdigest()


def _ranks(values: Floats, weight: Floats) -> Floats:
    """Return the fraction of the weight below each value, plus half that of ties."""
    _, place = np.unique(values, return_inverse=True)
    sums = np.bincount(place, weights=weight)
    return np.asarray(((np.cumsum(sums) - 0.5 * sums) / sums.sum())[place])


def write_ensemble(folder: Path | str, name: str, ensemble: Ensemble) -> tuple[Path, Path]:
    """Write an ensemble as ``NAME.ensemble.parquet`` and ``NAME.ensemble.toml``, whole or not at all.

    Values of its rat that differ from the shipped rat are written for every set.

    Parameters
    ----------
    folder
        Folder of the files; created if missing.
    name
        Name of the resulting rat.
    ensemble
        Ensemble to write; its `about` needs a ``command`` and a ``seed``.
    """
    rat = ensemble.rat
    about = {"rat": rat.name, "title": rat.title, "strain": rat.strain} | dict(ensemble.about)
    base = load(about["rat"]).entries
    own = {
        key: entry.value
        for key, entry in rat.entries.items()
        if key not in ensemble.names and entry.value != base[key].value
    }
    columns = dict(zip(ensemble.names, ensemble.values.T, strict=True))
    columns |= {key: np.full(len(ensemble), value) for key, value in own.items()}
    columns |= {f"{LIKELIHOOD}{key}": likely for key, likely in ensemble.likelihood.items()}
    columns |= {f"{EFFECT}{key}": effect for key, effect in ensemble.effect.items()}
    return write_files(Path(folder), name, columns, ensemble.weight, about)


def read_ensemble(path_or_name: Path | str) -> Ensemble:
    """Read an ensemble.

    Parameters
    ----------
    path_or_name
        Folder of a fit with one ``NAME.ensemble.parquet``; with several, ``FOLDER/NAME``; or the name of a
        shipped ensemble.

    Returns
    -------
    Ensemble
        Ensemble; its rat is the `Ensemble.median` set.

    Raises
    ------
    UnknownNameError
        If there is neither, or a parameter is not known.
    FileError
        If the folder has no ensemble or several, or a file is damaged.
    """
    ensemble, made = _read_given(str(path_or_name))
    if made:
        warnings.warn(
            f"{path_or_name} {made}: its parameter sets were estimated for that model; eaesim fit estimates "
            "them for this one.",
            stacklevel=2,
        )
    return ensemble


def _read_given(given: str) -> tuple[Ensemble, str]:
    """Return an ensemble, and its version if it was or may have been made by another model."""
    if given in _shipped_names():
        return _read_shipped(Path(str(SHIPPED)), given), ""
    path = Path(given)
    if not is_fit(given):
        raise unknown_name(given, "ensemble", [*_shipped_names(), "or the folder of a fit"])
    folder, name = (path, _only(path)) if path.is_dir() else (path.parent, path.name)
    ensemble = _read(folder, name)
    return replace(ensemble, rat=replace(ensemble.rat, ensemble=given)), file_made_by(
        folder / f"{name}{TABLE}"
    )


@cache
def _read_shipped(folder: Path, name: str) -> Ensemble:
    ensemble = _read(folder, name)
    ensemble.values.flags.writeable = ensemble.weight.flags.writeable = False
    return ensemble


def is_fit(name: str) -> bool:
    """Return whether a name is the folder of a fit, or one ensemble in it.

    Examples
    --------
    >>> is_fit("nowhere/lewis")
    False
    """
    try:
        return bool(name.strip()) and (Path(name).is_dir() or Path(f"{name}{TABLE}").is_file())
    except OSError:  # a name too long for a file
        return False


def _only(folder: Path) -> str:
    found = sorted(path.name.removesuffix(TABLE) for path in folder.glob(f"*{TABLE}"))
    if not found:
        raise FileError(f"{folder} holds no ensemble; name the folder of a fit, with NAME{TABLE} in it.")
    if len(found) > 1:
        raise FileError(f"{folder} holds {len(found)} ensembles; name one of them: {folder / found[0]}.")
    return found[0]


def _read(folder: Path, name: str) -> Ensemble:
    ensemble = read_sets(folder, name)
    return replace(ensemble, rat=ensemble.median(), about=MappingProxyType(ensemble.about))


def read_sets(folder: Path, name: str, *, rat: Rat | None = None) -> Ensemble:
    """Read the parameter sets of an ensemble, around the rat that the files name or around another.

    Raises
    ------
    FileError
        If a file is damaged.
    """
    columns, weight, about = read_files(folder, name)
    columns, likelihood, effect = split_columns(columns)
    values = np.stack(list(columns.values()), axis=1) if columns else np.empty((len(weight), 0))
    if rat is None:
        base = load(about["rat"])
        rat = replace(
            base,
            name=name,
            title=about.get("title", base.title),
            strain=about.get("strain", base.strain),
            source=f"{about['command']}, seed {about['seed']}",
        )
    try:
        return Ensemble(rat, tuple(columns), values, weight, about, likelihood, effect)
    except QuantityError as error:
        raise FileError(f"{folder / name}{TABLE}: {error}") from error


def _shipped_names() -> tuple[str, ...]:
    if not SHIPPED.is_dir():
        return ()
    return tuple(
        sorted(item.name.removesuffix(TABLE) for item in SHIPPED.iterdir() if item.name.endswith(TABLE))
    )


def shipped_ensemble(rat: Rat) -> Ensemble | None:
    """Return the shipped ensemble of a rat; values set by the user are kept in every set.

    None if it has no ensemble, or values from elsewhere, which make it another rat.
    """
    if rat.name not in _shipped_names() or rat.name not in rat_names():
        return None
    return _with_rat(read_ensemble(rat.name), rat, load(rat.name))


def ensemble_of(rat: Rat) -> Ensemble | None:
    """Return the ensemble of a rat: that of its fit, otherwise the shipped one.

    A strain has that of the rat it differs from, with its own values in every set.

    Raises
    ------
    EaesimError
        If the files of the fit can no longer be read.
    """
    if rat.base:
        return _of_base(rat)
    if not rat.ensemble:
        return shipped_ensemble(rat)
    ensemble, _ = _read_given(rat.ensemble)
    return _with_rat(ensemble, rat, ensemble.rat)


def _of_base(rat: Rat) -> Ensemble | None:
    """Return the ensemble of the rat that a strain differs from, with its own values in every set."""
    base = load(rat.base)
    ensemble = shipped_ensemble(base)
    own = {name for name, entry in rat.entries.items() if entry != base.entries.get(name)}
    kept = [place for place, name in enumerate(ensemble.names if ensemble else ()) if name not in own]
    if ensemble is None or not kept:
        return None
    names = tuple(ensemble.names[place] for place in kept)
    return replace(ensemble, rat=rat, names=names, values=ensemble.values[:, kept])


def _with_rat(ensemble: Ensemble, rat: Rat, own: Rat) -> Ensemble | None:
    changed = rat.changes
    same = all(entry == own.entries.get(name) or entry in changed for name, entry in rat.entries.items())
    return replace(ensemble, rat=rat) if same else None
