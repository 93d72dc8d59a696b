"""Calibration of a trial: the rate of attacks at which its placebo arm does as published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from eaesim.endpoints import Floats
from eaesim.endpoints.enrolment import Enrolled
from eaesim.endpoints.replicates import arm_value
from eaesim.endpoints.trialsample import ArmWindow
from eaesim.errors import NothingComputedError, ProtocolError
from eaesim.model import Rat
from eaesim.protocol.attacks import MOST_ATTACKS, Attacks
from eaesim.protocol.trial import Trial
from eaesim.solver import USUAL, Effort
from eaesim.study.patients import attacks_in
from eaesim.study.recruitment import Recruiting, recruit
from eaesim.study.trialpool import Pool, simulate_trial

# Rates tried first, as multiples of the patient's own; and how often the interval between two is narrowed.
_GRID, _NARROWED = (0.05, 0.15, 0.4, 1.0, 2.5, 6.0), 3
# A placebo arm within this share of the published value has reached it.
_NEAR = 0.1
# Fewest patients of a parameter set from which its placebo row can be read; where it is the only one, all
# that there are. Of several sets none depends on the patients of the others.
_FEWEST = 20


@dataclass(frozen=True)
class Placebo:
    """The attacks of each parameter set, and what its placebo arm does.

    Attributes
    ----------
    attacks
        Attacks of each parameter set.
    value
        The endpoint of the placebo arm in each, NaN if it was not calibrated.
    reached
        Whether it is within a tenth of the published value.
    """

    attacks: tuple[Attacks, ...]
    value: Floats
    reached: np.ndarray[tuple[int], np.dtype[np.bool_]]


#: What was calibrated, by place and values of a set: its attacks, their value, and whether it is reached.
Calibrated = dict[tuple[int, str], tuple[Attacks, float, bool]]


def placebo_attacks(
    trial: Trial,
    subjects: Sequence[Rat],
    how: Recruiting,
    *,
    known: Calibrated | None = None,
    effort: Effort = USUAL,
) -> Placebo:
    """Return the attacks of a trial's patients, with the rate calibrated if the trial asks for it.

    Every parameter set has a rate of its own. The rate is sought between bounds; where even these do not
    bring the published value about, the nearer one is taken.

    Parameters
    ----------
    trial
        The trial.
    subjects
        Parameter sets of the patient.
    how
        How many patients are drawn.
    known
        What was calibrated already for this trial with as many parameter sets and patients, which is not
        simulated again; what is missing is added. Other mechanisms have partly the same parameter sets.
    effort
        Engine and workers.

    Raises
    ------
    ProtocolError
        If nobody meets the entry at any rate.
    """
    given = {name: value for name, value in trial.attacks.given().items() if not isinstance(value, str)}
    attacks = [attacks_in(one, given) for one in subjects]
    if not trial.attacks.calibrated or trial.placebo is None:
        nothing = np.full(len(attacks), np.nan)
        return Placebo(tuple(attacks), nothing, np.ones(len(attacks), dtype=np.bool_))
    done = {} if known is None else known
    keys = [(place, values_of(one)) for place, one in enumerate(subjects)]
    waiting = tuple(place for place, key in enumerate(keys) if key not in done)
    if waiting:
        found = _sought(trial, subjects, attacks, replace(how, places=waiting), effort)
        for place in waiting:
            value, reached = float(found.value[place]), bool(found.reached[place])
            done[keys[place]] = found.attacks[place], value, reached
    chosen, values, reach = zip(*(done[key] for key in keys), strict=True)
    if np.isnan(values).all():
        raise ProtocolError("nobody meets the entry, however often attacks come.")
    return Placebo(chosen, np.array(values), np.array(reach))


def values_of(subject: Rat) -> str:
    """Return a text of the values of a parameter set, the same for the same values.

    Examples
    --------
    >>> from eaesim.model import load_subject
    >>> values_of(load_subject("patient")) == values_of(load_subject("patient"))
    True
    """
    both = subject.entries, subject.attacks
    return repr([sorted((name, entry.value) for name, entry in part.items()) for part in both])


def _sought(
    trial: Trial, subjects: Sequence[Rat], attacks: Sequence[Attacks], how: Recruiting, effort: Effort
) -> Placebo:
    """Narrow an interval of the logarithm of the rate, in all parameter sets that are drawn at once."""
    assert trial.placebo is not None
    alone = replace(trial, arms=(trial.arm(trial.control),), sequence=(), published=(), placebo=trial.placebo)
    own = np.log([each.rate for each in attacks])
    most = np.log(MOST_ATTACKS)
    target = trial.placebo.value

    def miss(place: Floats) -> Floats:
        rates = np.exp(np.minimum(place, most)).tolist()
        tried = [replace(each, rate=rate) for each, rate in zip(attacks, rates, strict=True)]
        try:
            patients = recruit(alone, subjects, tried, how, effort=effort)
            pool = simulate_trial(alone, patients, mechanism="none", effort=effort)
        except (NothingComputedError, ProtocolError):
            return np.full(len(tried), np.nan)
        return _values(alone, pool) - target

    places = [np.minimum(own + np.log(multiple), most) for multiple in _GRID]
    misses = [miss(place) for place in places]
    low, high, at_low, at_high, reached = _first_crossing(np.array(places), np.array(misses))
    lowest, highest = low, high
    for _ in range(_NARROWED):
        slope = np.where(at_high == at_low, np.inf, at_high - at_low)
        middle = low + np.clip(-at_low / slope, 0.1, 0.9) * (high - low)
        found = miss(middle)
        places.append(middle)
        misses.append(found)
        up = np.isnan(found) | (np.sign(found) == np.sign(at_low))
        # The miss of the end that stays is halved, so that both ends move.
        low, high = np.where(up, middle, low), np.where(up, high, middle)
        at_low, at_high = (
            np.where(up, np.where(np.isnan(found), at_low, found), at_low / 2),
            np.where(up, at_high / 2, found),
        )
    tried, missed = np.array(places), np.array(misses)
    # Beyond the crossing relapses may merge into as few as were published.
    is_sought = ~np.isnan(missed) & (~reached | ((tried >= lowest) & (tried <= highest)))
    best = np.where(is_sought, np.abs(missed), np.inf).argmin(axis=0)
    own_place = np.arange(len(attacks))
    nearest = missed[best, own_place]
    rates = np.exp(np.minimum(tried[best, own_place], most)).tolist()
    chosen = tuple(replace(each, rate=rate) for each, rate in zip(attacks, rates, strict=True))
    return Placebo(chosen, nearest + target, reached & (np.abs(nearest) <= _NEAR * abs(target)))


def _first_crossing(
    places: Floats, misses: Floats
) -> tuple[Floats, Floats, Floats, Floats, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """Return the two neighbouring rates between which the miss changes its sign, for each parameter set.

    It is the first such pair: at very high rates relapses merge, and their number falls again.
    """
    # Where nobody meets the entry the rate is too low: there the miss has the sign of the lowest rate at
    # which somebody does, not that of the highest rates, at which it may turn again.
    own = np.arange(places.shape[1])
    few = misses[(~np.isnan(misses)).argmax(axis=0), own]
    filled = np.where(np.isnan(misses), np.where(np.nan_to_num(few) == 0, -1.0, few), misses)
    changes = np.sign(filled[1:]) != np.sign(filled[:-1])
    first = changes.argmax(axis=0)
    return (
        places[first, own],
        places[first + 1, own],
        filled[first, own],
        filled[first + 1, own],
        changes.any(axis=0),
    )


def _values(trial: Trial, pool: Pool) -> Floats:
    """Return the endpoint of all placebo patients of each parameter set."""
    assert trial.placebo is not None
    found = np.full(pool.members, np.nan)
    fewest = min(_FEWEST, len(pool.member)) if pool.members == 1 else _FEWEST
    for place in range(pool.members):
        persons = np.flatnonzero(pool.member == place)
        if len(persons) >= fewest:
            everyone = Enrolled(persons[None, :], np.full((1, len(persons)), np.inf))
            window = ArmWindow(pool.readings[trial.control], everyone, 0, trial.until)
            found[place] = arm_value(trial.placebo.endpoint, [window]).estimate[0]
    return found
