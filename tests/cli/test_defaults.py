"""The defaults that `--help` states are those that the package takes."""

from __future__ import annotations

import re

import click
import pytest

from eaesim.analysis.estimation import chain, fit, start
from eaesim.cli.main import group

ARRIVING, BLIND = chain.WAYS["emulator"], chain.WAYS["prior"]
# By verb and option: the numbers that its help states after the word default, in their order.
STATED = {
    ("fit", "particles"): (ARRIVING.particles, BLIND.particles),
    ("fit", "moves"): (ARRIVING.moves, BLIND.moves),
    ("fit", "chains"): (fit.CHAINS,),
    ("fit", "sets"): (start.SETS,),
    ("fit", "animals"): (fit.ANIMALS,),
}


def _options(verb: str) -> dict[str, str]:
    command = group.get_command(click.Context(group), verb)
    assert command is not None
    return {
        str(option.name): option.help or "" for option in command.params if isinstance(option, click.Option)
    }


@pytest.mark.parametrize(("verb", "option"), STATED)
def test_help_states_the_default(verb, option):
    after = _options(verb)[option].partition("default: ")[2]
    assert tuple(int(number) for number in re.findall(r"\d+", after)) == STATED[verb, option]


@pytest.mark.parametrize("verb", sorted({verb for verb, _ in STATED}))
def test_no_default_of_these_verbs_is_left_out(verb):
    counted = {
        name for name, text in _options(verb).items() if re.search(r"default: \d", text) and name != "seed"
    }
    others = {"signs", "scale_max", "dead_score", "given"}
    assert counted - others == {option for each, option in STATED if each == verb}
