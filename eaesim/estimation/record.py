"""What a run has computed already: an interrupted fit resumes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from eaesim.endpoints import Floats
from eaesim.estimation.emulated import Normal
from eaesim.estimation.target import Target, log_likelihood
from eaesim.files import Content
from eaesim.solver import choose_engine
from eaesim.study.claim import claim
from eaesim.study.filling import writing, written_beside
from eaesim.study.fingerprint import fingerprint

# Sets that are so much less likely than the best teach an emulator nothing where chains go.
_NEAR = 200.0


def claim_records(folder: Path | None, rows: Sequence[Target], **settings: Content) -> None:
    """Make the folder of some records, or make sure that they are of the same rows and model.

    Parameters
    ----------
    folder
        Where they are kept; None keeps nothing.
    rows
        What the results are about; what is said of them in words does not matter.
    settings
        What else decides the results, as plain JSON values.

    Raises
    ------
    FileError
        If it keeps what was begun with other settings, other rows or another model.
    """
    if folder is not None:
        numbers = repr([replace(row, why="") for row in rows])
        own = {"rows": hashlib.sha256(numbers.encode()).hexdigest(), "engine": choose_engine().name}
        claim(folder, {**settings, **own})


@dataclass
class Record:
    """Rows of results in the order of the requests, such as a sampler's log-likelihoods.

    A sampler that is a function of its seed asks again for the same places in the same order, so what it
    requested before it was stopped is read instead of computed.

    Attributes
    ----------
    compute
        From rows of places to as many rows of results.
    folder
        Where they are kept; None keeps nothing.
    read, computed
        How many batches were.
    """

    compute: Callable[[Floats], Floats]
    folder: Path | None = None
    read: int = field(default=0, init=False)
    computed: int = field(default=0, init=False)

    def __call__(self, places: Floats) -> Floats:
        """Return the results at places.

        Raises
        ------
        FileError
            If they cannot be kept.
        """
        if self.folder is None:
            self.computed += 1
            return self.compute(places)
        path = self.folder / f"{self.read + self.computed:05d}.npz"
        computed = False

        def compute() -> dict[str, Floats]:
            nonlocal computed
            computed = True
            return {"found": self.compute(places)}

        found = kept_arrays(path, np.ascontiguousarray(places).tobytes(), compute)["found"]
        self.computed, self.read = self.computed + computed, self.read + (not computed)
        return found


@dataclass
class Asked:
    """The likelihood of some rows, which remembers what it was asked.

    Attributes
    ----------
    targets
        The rows.
    read
        From places to a value for every row.
    prior
        Another prior than the even one.
    places, values
        What was asked so far, and what was read there.
    """

    targets: Sequence[Target]
    read: Callable[[Floats], Floats]
    prior: Normal | None = None
    places: list[Floats] = field(default_factory=list, init=False)
    values: list[Floats] = field(default_factory=list, init=False)

    def __call__(self, places: Floats) -> Floats:
        """Return log-likelihoods at places, with the other prior's ratio to the even one."""
        seen = self.read(places)
        self.places.append(places)
        self.values.append(seen)
        return self._likelihood(places, seen)

    def _likelihood(self, places: Floats, seen: Floats) -> Floats:
        found = log_likelihood(self.targets, seen)
        return found if self.prior is None else found + self.prior.log_ratio(places)

    def forget(self) -> tuple[Floats, Floats]:
        """Return the likely of all sets that were asked since the last time, and what was read of them."""
        places, values = np.concatenate(self.places), np.concatenate(self.values)
        self.places, self.values = [], []
        found = self._likelihood(places, values)
        near = found > found.max() - _NEAR
        return places[near], values[near]


def kept_arrays(
    path: Path | None, content: bytes, compute: Callable[[], Mapping[str, Floats]]
) -> Mapping[str, Floats]:
    """Return what is kept at a path, or compute and keep it.

    Parameters
    ----------
    path
        Where it is kept; None keeps nothing.
    content
        Identifies, with the model, what is computed: records of other content are recomputed.
    compute
        Returns arrays by name.

    Raises
    ------
    FileError
        If they cannot be kept.
    """
    if path is None:
        return compute()
    key = hashlib.sha256(fingerprint().encode() + content).digest()
    known = _kept(path, key)
    if known is not None:
        return known
    found = compute()
    _keep(path, key, found)
    return found


def _kept(path: Path, key: bytes) -> Mapping[str, Floats] | None:
    """Return what is kept under a key; a damaged file is as good as none."""
    try:
        with np.load(path, allow_pickle=False) as content:
            if content["key"].tobytes() == key:
                return {name: content[name] for name in content.files if name != "key"}
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None
    return None


def _keep(path: Path, key: bytes, found: Mapping[str, Floats]) -> None:
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_beside(path) as partial:
            with partial.open("wb") as file:
                np.savez(file, allow_pickle=False, key=np.frombuffer(key, dtype=np.uint8), **found)
            partial.replace(path)
