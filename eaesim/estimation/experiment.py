"""The experiments that calibrating rows are about."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from eaesim.estimation.prior import DATA
from eaesim.protocol import Arm, Design, Regimen, Transfer
from eaesim.protocol.induction import Induction
from eaesim.protocol.tables import read_inductions
from eaesim.protocol.timeline import Event, arm_events
from eaesim.study.schedule import relapse_induction


@dataclass(frozen=True)
class Experiment:
    """Something done to a strain.

    Attributes
    ----------
    name, strain
        Its name, and the rat.
    design
        Its only arm is what is done.
    course
        Last day of the first disease.
    """

    name: str
    strain: str
    design: Design
    course: int

    @property
    def days(self) -> int:
        """How many daily readings there are."""
        return self.design.until + 1

    @property
    def induced(self) -> int | None:
        """First whole day on which an induced relapse can be seen; None without one."""
        return relapse_induction(self.design, self.design.arms[0])

    @property
    def again(self) -> int:
        """The day of the last induction."""
        return math.ceil(max(each.day for each in self._inductions))

    @property
    def cells(self) -> float:
        """Transferred cells, relative to the standard number; 0 without a transfer."""
        return sum(each.amount for each in self._inductions if isinstance(each, Transfer))

    @property
    def _inductions(self) -> tuple[Induction, ...]:
        return self.design.inductions_of(self.design.arms[0])

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """What is done to an untreated rat."""
        return arm_events(self._inductions, Regimen(), triggered={})


def read_experiments(path: Path = DATA / "experiments.toml") -> dict[str, Experiment]:
    """Return every experiment that rows may be about, by name.

    Examples
    --------
    >>> read_experiments()["lewis_transfer"].design.until
    20
    """
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        name: Experiment(
            name,
            table["rat"],
            Design(table["until"], read_inductions(table["induction"], name), [Arm("vehicle")], "none", None),
            table["course"],
        )
        for name, table in content.items()
    }
