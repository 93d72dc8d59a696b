"""Drugs other than IVIG as blocks: a process of the equations is removed while the drug is present.

The equations stay as they are. A wrapper adds one state for each drug, its strength, which
events switch on and off: so no term contains time, and both engines solve it.
"""

from __future__ import annotations

import math
import tomllib
from collections import namedtuple
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from eaesim.errors import QuantityError, unknown_name
from eaesim.files import Content, Unchecked
from eaesim.model import Parameters, State
from eaesim.solver import System
from eaesim.study.assembly import SYSTEM

BLOCKS = Path(__file__).with_name("blocks.toml")


@dataclass(frozen=True, kw_only=True)
class Block:
    """What a drug does while it is there.

    Attributes
    ----------
    drug
        Its name, as findings give it.
    process
        What it hits, in words.
    inhibits
        Parameters of which it takes a share away.
    depletes
        States that it removes.
    strength
        That share, 0 to 1; of a depletion, the share per day (1/day).
    why
        What is known of the drug; no row of this model.
    """

    drug: str
    process: str
    inhibits: tuple[str, ...] = ()
    depletes: tuple[str, ...] = ()
    strength: float
    why: str

    def __post_init__(self) -> None:
        """Make sure that it names what there is, and a strength that makes sense."""
        for name in self.inhibits:
            if name not in Parameters._fields:
                raise unknown_name(name, "parameter", Parameters._fields)
        for name in self.depletes:
            if name not in State._fields:
                raise unknown_name(name, "state", State._fields)
        if not self.inhibits and not self.depletes:
            raise QuantityError(f"{self.drug} has nothing to act on; name what it inhibits or depletes.")
        most = 1.0 if self.inhibits else math.inf
        if not 0 <= self.strength <= most or math.isinf(self.strength):
            raise QuantityError(
                f"the strength of {self.drug} is {self.strength:g}; it must be a number from 0"
                f"{' to 1' if self.inhibits else ' on'}."
            )

    @property
    def state(self) -> str:
        """The name of the state that holds its strength.

        Examples
        --------
        >>> read_blocks()["anti-icam-1"].state
        'block_anti_icam_1'
        """
        return "block_" + "".join(letter if letter.isalnum() else "_" for letter in self.drug)


@cache
def read_blocks(path: Path = BLOCKS) -> Mapping[str, Block]:
    """Return what each drug does, by its name.

    Raises
    ------
    UnknownNameError, QuantityError
        If one acts on nothing that there is, or its strength makes no sense.

    Examples
    --------
    >>> read_blocks()["fty720"].process
    'exit from the node into the blood'
    """
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    return {drug: _block(drug, table) for drug, table in content.items()}


def _block(drug: str, table: Unchecked) -> Block:
    lists = {name: tuple(table.get(name, ())) for name in ("inhibits", "depletes")}
    return Block(drug=drug, **{**table, **lists})


def blocked(blocks: Sequence[Block], *, system: System = SYSTEM) -> System:
    """Return equations in which drugs act: those of `system` where every strength is 0.

    Parameters
    ----------
    blocks
        Blocks of the drugs; each gets a state that holds its strength.
    system
        The equations.

    Examples
    --------
    >>> blocked([read_blocks()["cam"]]).state._fields[-1]
    'block_cam'
    """
    count = len(system.state._fields)
    names: Any = [*system.state._fields, *(block.state for block in blocks)]
    named_tuple: Any = namedtuple
    state = named_tuple("State", names)

    def derivative(whole: Any, parameters: Any) -> Any:
        changed: dict[str, Content] = {}
        for block in blocks:
            for name in block.inhibits:
                own = changed.get(name, getattr(parameters, name))
                changed[name] = own * (1.0 - getattr(whole, block.state))
        plain = system.state(*whole[:count])
        rates = system.derivative(plain, parameters._replace(**changed))
        for block in blocks:
            lost = {
                name: getattr(rates, name) - getattr(whole, block.state) * getattr(plain, name)
                for name in block.depletes
            }
            rates = rates._replace(**lost)
        return state(*rates, *(0.0 for _ in blocks))

    return System(derivative, state, system.parameters, (*system.scale, *(1.0 for _ in blocks)))
