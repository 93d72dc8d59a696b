"""Finished trials of a run that is not done: kept in a hidden folder, until the files are written."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from eaesim.protocol.trial import Trial
from eaesim.study import Store
from eaesim.study.claim import claim
from eaesim.study.manifest import read_json, write_whole
from eaesim.workbench.answer import Row


@dataclass(frozen=True)
class Simulated:
    """A trial under one mechanism: its rows of ``trial.csv``, of ``placebo.csv``, and its ratios."""

    trial: list[Row]
    placebo: list[Row]
    ratios: list[Row]


PARTS = tuple(part.name for part in fields(Simulated))


@dataclass(frozen=True)
class KeptTrials:
    """The folder in which a run keeps what it has finished.

    Attributes
    ----------
    folder
        The folder.
    """

    folder: Path

    @classmethod
    def begun(cls, store: Store) -> KeptTrials:
        """Return the folder of a run; what another model began is refused, or with ``--force`` removed.

        Raises
        ------
        FileError
            If it holds the work of another model, or cannot be written.
        """
        folder = store.keep()
        claim(folder, store.settings)
        return cls(folder)

    def read(self, trial: Trial, mechanism: str) -> Simulated | None:
        """Return a finished trial; None where it is not there whole."""
        stated = read_json(self._path(trial, mechanism))
        return Simulated(**stated) if set(stated) == set(PARTS) else None

    def put(self, trial: Trial, mechanism: str, found: Simulated) -> None:
        """Keep a finished trial."""
        # Numbers of NumPy are written as those of Python, which have the same digits.
        text = json.dumps(asdict(found), default=lambda value: value.item())
        write_whole(self._path(trial, mechanism), text)

    def _path(self, trial: Trial, mechanism: str) -> Path:
        # A trial of the package may change too.
        return self.folder / f"{trial.fingerprint[:32]}.{mechanism}.json"
