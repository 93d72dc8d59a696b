"""One chain of a fit: from the prior, or from an emulator, to the likelihood of what is simulated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from eaesim.endpoints import Floats
from eaesim.errors import unknown_name
from eaesim.estimation.emulated import Normal, hamiltonian
from eaesim.estimation.record import Asked, Record
from eaesim.estimation.sampler import LAST_MOVES, MOVES, Likelihood, Stage, Start, sample, stay
from eaesim.estimation.start import Learnt, extended, seen_already
from eaesim.estimation.target import Target

OnMove = Callable[[float, float], None]


class Way(NamedTuple):
    """How chains come to the posterior.

    Attributes
    ----------
    particles
        Particles of each chain.
    stage_moves, moves
        Moves of each particle at every step towards the data, and once all of them count.
    lessons
        How often the emulator learns what the chain has simulated, and the particles move on by it, before
        those moves.
    lesson_moves
        Moves of each particle after each.
    """

    particles: int
    stage_moves: int
    moves: int
    lessons: int = 0
    lesson_moves: int = 0


#: From an emulator most moves are ways that it knows already; from the prior many blind ones are needed.
WAYS: Mapping[str, Way] = {"emulator": Way(256, 6, 96, 3, 16), "prior": Way(128, MOVES, LAST_MOVES)}
# A lesson is short.
_EPOCHS = 12


class Chain(NamedTuple):
    """Where a chain has been once all data count.

    Attributes
    ----------
    places, log_likelihood
        Draws of equal weight, shape (places, numbers) and (places,).
    stages
        How it came there.
    """

    places: Floats
    log_likelihood: Floats
    stages: tuple[Stage, ...]


def fit_way(start: str, *, particles: int | None = None, moves: int | None = None) -> Way:
    """Return how chains come to the posterior from a start, with what somebody asks for instead.

    Raises
    ------
    UnknownNameError
        If there is no such start.

    Examples
    --------
    >>> fit_way("prior", particles=8)
    Way(particles=8, stage_moves=24, moves=1500, lessons=0, lesson_moves=0)
    """
    if start not in WAYS:
        raise unknown_name(start, "start of a fit", WAYS)
    asked = {"particles": particles, "moves": moves}
    return WAYS[start]._replace(**{name: value for name, value in asked.items() if value is not None})


def from_prior(
    likelihood: Likelihood, *, numbers: int, way: Way, seed: int, on_move: OnMove | None = None
) -> Chain:
    """Go from the even prior to the posterior, blindly.

    Parameters
    ----------
    likelihood, numbers, seed, on_move
        As for `sample`.
    way
        Particles and moves.
    """
    places, found, stages = sample(
        likelihood,
        numbers=numbers,
        particles=way.particles,
        seed=seed,
        moves=way.stage_moves,
        last_moves=way.moves,
        on_move=on_move,
    )
    return Chain(places, found, tuple(stages))


def from_emulator(
    read: Callable[[Floats], Floats],
    targets: Sequence[Target],
    learnt: Learnt,
    start: tuple[Floats, Likelihood, float],
    *,
    way: Way,
    seed: int,
    prior: Normal | None = None,
    folder: Path | None = None,
    on_move: OnMove | None = None,
) -> Chain:
    """Go from an emulator's posterior to that of what is simulated; the emulator learns on the way.

    Parameters
    ----------
    read, targets
        From places to a value for every row; the rows.
    learnt
        The emulator, and what it has learnt.
    start
        Draws from the emulator's posterior, its likelihood, and the log evidence by it.
    way
        Particles, moves and lessons.
    seed
        Random seed of all draws.
    prior
        Another prior than the even one.
    folder
        Where simulations are kept, so that an interrupted run resumes; None keeps nothing.
    on_move
        As for `sample`.
    """
    asked = Asked(targets, Record(read, folder), prior)
    draws, emulated, before = start

    def quick_by(learnt: Learnt, places: Floats) -> Callable[..., tuple[Floats, Floats]]:
        return hamiltonian(learnt.emulator, targets, places, prior=prior)

    places, found, stages = sample(
        asked,
        numbers=draws.shape[1],
        particles=way.particles,
        seed=seed,
        moves=way.stage_moves,
        last_moves=way.stage_moves,
        on_move=on_move,
        start=Start(draws, emulated, quick_by(learnt, draws)),
    )
    known = tuple(replace(each, log_evidence=each.log_evidence + before) for each in stages)
    legs = [*[way.lesson_moves] * way.lessons, way.moves]
    for leg, moves in enumerate(legs):
        if leg < way.lessons:
            near, values = asked.forget()
            learnt = extended(
                learnt,
                partial(seen_already, values),
                near,
                targets,
                seed=seed + leg,
                epochs=_EPOCHS,
                folder=None if folder is None else folder / f"lesson-{leg}",
            )
        last = slice(len(places) - way.particles, None)
        places, found, taken = stay(
            asked,
            first=(places[last], found[last]),
            pool=places,
            quick=quick_by(learnt, places),
            moves=moves,
            seed=seed * 100 + leg,
            on_move=on_move,
        )
    return Chain(places, found, (*known[:-1], replace(known[-1], accepted=taken)))
