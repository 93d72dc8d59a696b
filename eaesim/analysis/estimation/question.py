"""A file that asks how often a laboratory's fit holds a truth that is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from eaesim.analysis.estimation.calibration import Calibration, Calibrations, calibrations, read_ranks
from eaesim.analysis.estimation.ensembles import read_ensembles
from eaesim.errors import unknown_name
from eaesim.protocol.quantity import count
from eaesim.protocol.studyfile import read_tables
from eaesim.protocol.tables import check_table
from eaesim.solver import Progress

QUESTIONS = ("calibrate",)
MEMBERS, ANIMALS = 64, 48
_KEYS = ("members", "animals", "seed")
_MOST = 10_000

Answer = Calibrations | Calibration


@dataclass(frozen=True)
class Question:
    """What is asked of the shipped ensembles.

    Attributes
    ----------
    name
        ``"calibrate"``; its members are synthetic groups.
    members, animals, seed
        As these functions take them.
    ranks
        Of ``"calibrate"``: a file that `eaesim fit --calibrate` wrote, which is read instead.
    """

    name: str
    members: int = MEMBERS
    animals: int = ANIMALS
    seed: int = 1
    ranks: Path | None = None

    def answer(self, *, progress: Progress | None = None) -> Answer:
        """Ask it; `progress` is called with the part that is done and the whole."""
        if self.ranks is not None:
            return read_ranks(self.ranks)
        return calibrations(
            read_ensembles(), members=self.members, animals=self.animals, seed=self.seed, progress=progress
        )


def read_question(path: str | PathLike[str]) -> Question | None:
    """Read the table of a file that names one of `QUESTIONS`; None without one.

    Parameters
    ----------
    path
        A TOML file with that table alone.

    Raises
    ------
    EaesimError
        If the file or a key cannot be used.
    """
    tables = read_tables(path)
    asked = [name for name in QUESTIONS if name in tables]
    if not asked:
        return None
    for table in tables:
        if table != asked[0]:
            raise unknown_name(table, f"table beside [{asked[0]}]", asked)
    given: Mapping[str, object] = check_table(tables[asked[0]], f"[{asked[0]}]", (*_KEYS, "ranks"))
    if "ranks" in given:
        return Question(asked[0], ranks=Path(path).parent / str(given["ranks"]))
    numbers: dict[str, Any] = {
        name: count(value, what=name, least=0 if name == "seed" else 1, most=_MOST)
        for name, value in given.items()
    }
    return Question(asked[0], **numbers)
