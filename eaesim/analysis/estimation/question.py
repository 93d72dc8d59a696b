"""A file that asks the shipped ensembles: which mechanisms hold, or which experiment would tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from typing import Any

from eaesim.analysis.estimation.discriminate import discriminate
from eaesim.analysis.estimation.discrimination import Discrimination
from eaesim.analysis.estimation.ensembles import read_ensembles
from eaesim.analysis.estimation.mechanisms import ANIMALS, MEMBERS, Mechanisms, mechanisms
from eaesim.analysis.estimation.parts import Structure
from eaesim.errors import unknown_name
from eaesim.model.structure import structure
from eaesim.protocol.quantity import count
from eaesim.protocol.studyfile import read_tables
from eaesim.protocol.tables import check_table
from eaesim.solver import Progress

QUESTIONS = ("mechanisms", "discriminate", "structure")
_KEYS = ("members", "animals", "seed")
_MOST = 10_000

Answer = Mechanisms | Discrimination | Structure


@dataclass(frozen=True)
class Question:
    """What is asked of the shipped ensembles.

    Attributes
    ----------
    name
        ``"mechanisms"``, ``"discriminate"``, or ``"structure"`` (what `eaesim structure` found of the shipped
        ensembles, which is read).
    members, animals, seed
        As these functions take them.
    """

    name: str
    members: int = MEMBERS
    animals: int = ANIMALS
    seed: int = 1

    def answer(self, *, progress: Progress | None = None) -> Answer:
        """Ask it; `progress` is called with the part that is done and the whole."""
        if self.name == "structure":
            return Structure(structure())
        asks: dict[str, Any] = {
            "mechanisms": mechanisms,
            "discriminate": discriminate,
        }
        answer: Answer = asks[self.name](
            read_ensembles(), members=self.members, animals=self.animals, seed=self.seed, progress=progress
        )
        return answer


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
    keys = () if asked[0] == "structure" else _KEYS
    given: Mapping[str, object] = check_table(tables[asked[0]], f"[{asked[0]}]", keys)
    numbers: dict[str, Any] = {
        name: count(value, what=name, least=0 if name == "seed" else 1, most=_MOST)
        for name, value in given.items()
    }
    return Question(asked[0], **numbers)
