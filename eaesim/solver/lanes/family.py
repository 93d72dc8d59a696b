"""Runs that are equal up to some day: which one is solved, and where the others branch off from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eaesim.solver.problem import Events, Floats, Problem

Rows = npt.NDArray[np.int64]
# Rows compared at once: few enough for the processor's cache.
_BLOCK = 512


@dataclass(frozen=True)
class Families:
    """How runs descend from others, one entry per row.

    Attributes
    ----------
    same
        The row with the same result, the row itself if it is solved.
    parent
        The row from which it branches off, or -1.
    mark
        The day on which it does; infinity for a row that does not.
    order
        The rows that are solved, family by family.
    edges
        Where each family begins in `order`, and the end.
    """

    same: Rows
    parent: Rows
    mark: Floats
    order: Rows
    edges: Rows


def families(
    problem: Problem, starts: Floats, quiet: npt.NDArray[np.bool_], awake: npt.NDArray[np.bool_]
) -> Families:
    """Return the families of a problem's rows.

    Parameters
    ----------
    problem
        Rats, with events by ascending day.
    starts
        Time at which each run starts.
    quiet
        Which parameters have no influence before an event of `awake`.
    awake
        Which states have events that give the `quiet` parameters their influence.
    """
    rats = len(problem.parameters)
    known = problem.subject if (starts == starts[:1]).all() else None
    subject = _subjects(problem, starts, ~quiet) if known is None else known
    several = np.flatnonzero(np.bincount(subject)[subject] > 1)
    if not len(several):
        alone = np.arange(rats)
        return Families(alone, np.full(rats, -1), np.full(rats, np.inf), alone, np.arange(rats + 1))
    subject_of, events = subject[several], problem.events
    columns = np.flatnonzero(quiet) if known is None else np.zeros(0, np.int64)
    own = _variants(problem.parameters, several, subject_of, columns)
    given = Events(events.day[several], events.state[several], events.amount[several])
    tokens, days = _tokens(given, own, awake, end=problem.days[-1])
    final, sequence = np.unique(tokens[:, -1], return_inverse=True)
    sequence_tokens, sequence_days = (
        np.empty((len(final), tokens.shape[1]), np.uint64),
        np.empty((len(final), days.shape[1])),
    )
    sequence_tokens[sequence], sequence_days[sequence] = tokens, days
    # Of rows equal up to a day, the one whose next event is latest comes first: others branch off from it.
    keys = [
        each
        for level in range(days.shape[1])
        for each in (-sequence_days[:, level], sequence_tokens[:, level])
    ]
    rank = np.empty(len(final), np.int64)
    rank[np.lexsort(keys[::-1])] = np.arange(len(final))
    order = np.lexsort((rank[sequence], subject_of))
    return _linked(
        problem, several[order], subject_of[order], sequence[order], sequence_tokens, sequence_days, starts
    )


def _subjects(problem: Problem, starts: Floats, columns: npt.NDArray[np.bool_]) -> Rows:
    """Return a number for each row, the same for rows with the same start, initial state and parameters."""
    used = np.flatnonzero(columns)
    # Two columns tell most subjects apart: those with the most values in a sample.
    sample = np.sort(problem.parameters[:: max(1, len(starts) // 64)][:, used], axis=0)
    telling = used[np.argsort(-(np.diff(sample, axis=0) != 0).sum(axis=0), kind="stable")[:2]]
    _, first, subject = np.unique(
        _hashed(problem.parameters[:, telling], starts[:, None]), return_index=True, return_inverse=True
    )
    shared = np.flatnonzero(np.bincount(subject)[subject] > 1)
    other = [np.zeros(0, np.int64)]
    for begin in range(0, len(shared), _BLOCK):
        rows = shared[begin : begin + _BLOCK]
        like = first[subject[rows]]
        same = (problem.initial[rows] == problem.initial[like]).all(axis=1) & (starts[rows] == starts[like])
        same &= (problem.parameters[rows][:, used] == problem.parameters[like][:, used]).all(axis=1)
        other.append(rows[~same])
    rest = np.concatenate(other)
    if len(rest):
        hashed = _hashed(problem.parameters[rest][:, used], problem.initial[rest], starts[rest][:, None])
        subject[rest] = len(first) + np.unique(hashed, return_inverse=True)[1]
    return subject


def _linked(
    problem: Problem,
    rows: Rows,
    subject: Rows,
    sequence: Rows,
    tokens: npt.NDArray[np.uint64],
    days: Floats,
    starts: Floats,
) -> Families:
    rats = len(problem.parameters)
    levels = tokens.shape[1]
    # The first event in which each row differs from the one before it.
    pairs = np.column_stack([sequence[:-1], sequence[1:]])
    different = tokens[pairs[:, 0]] != tokens[pairs[:, 1]]
    apart = np.concatenate([[0], np.where(different.any(axis=1), different.argmax(axis=1) + 1, levels + 1)])
    apart[1:][subject[1:] != subject[:-1]] = 0
    same, parent, mark = np.arange(rats), np.full(rats, -1), np.full(rats, np.inf)
    place = np.arange(len(rows))
    for level in range(1, levels + 2):
        here = np.flatnonzero(apart == level)
        if not len(here):
            continue
        above = np.maximum.accumulate(np.where(apart < level, place, 0))[here]
        if level == levels + 1:
            same[rows[here]] = rows[above]
        else:
            parent[rows[here]] = rows[above]
            mark[rows[here]] = days[sequence[here], level - 1]
    # What differs when a run starts shares nothing; nor do later rows of that subject with those before it.
    early = mark <= starts
    parent[early], mark[early] = -1, np.inf
    root = rows[np.maximum.accumulate(np.where((apart == 0) | early[rows], place, 0))]
    family = np.arange(rats)
    family[rows] = root
    solved = np.flatnonzero(same == np.arange(rats))
    order = solved[np.argsort(family[solved], kind="stable")]
    begins = np.flatnonzero(np.diff(family[order], prepend=-1))
    return Families(same, parent, mark, order, np.append(begins, len(order)))


def _variants(parameters: Floats, rows: Rows, subject: Rows, columns: Rows) -> Rows:
    """Return a number for each row's parameters in some columns: 0 for those of the subject's first row."""
    _, first, place = np.unique(subject, return_index=True, return_inverse=True)
    like, other = rows[first[place]], [np.zeros(0, np.int64)]
    for begin in range(0, len(rows) if len(columns) else 0, _BLOCK):
        part = slice(begin, begin + _BLOCK)
        same = parameters[rows[part]][:, columns] == parameters[like[part]][:, columns]
        other.append(begin + np.flatnonzero(~same.all(axis=1)))
    rest, variant = np.concatenate(other), np.zeros_like(rows)
    if len(rest):
        variant[rest] = 1 + _ranks(subject[rest], _hashed(parameters[rows[rest]][:, columns]))
    return variant


def _tokens(
    events: Events, own: Rows, awake: npt.NDArray[np.bool_], *, end: float
) -> tuple[npt.NDArray[np.uint64], Floats]:
    """Return a number for the events up to each, and their days; a pseudo-event wakes quiet parameters."""
    rats = len(events.day)
    counts = (events.day < end) & (events.amount != 0)
    wakes = counts & awake[events.state]
    woken = np.where(
        wakes.any(axis=1), np.take_along_axis(events.day, wakes.argmax(axis=1)[:, None], 1)[:, 0], np.inf
    )
    day = np.column_stack([np.where(counts, events.day, np.inf), woken])
    code = _mixed(events.state.astype(np.uint64)) ^ np.ascontiguousarray(events.amount).view(np.uint64)
    code = np.column_stack([np.where(counts, code, 0), own.astype(np.uint64) + np.uint64(1)])
    order = np.lexsort((np.arange(day.shape[1]) + np.zeros((rats, 1)), day), axis=1)
    day, code = np.take_along_axis(day, order, 1), np.take_along_axis(code, order, 1)
    tokens = np.empty(day.shape, np.uint64)
    before = np.zeros(rats, np.uint64)
    for level in range(day.shape[1]):
        at = np.ascontiguousarray(day[:, level] + 0.0).view(np.uint64)
        before = np.where(
            np.isinf(day[:, level]), before, _mixed(before ^ _mixed(at ^ _mixed(code[:, level])))
        )
        tokens[:, level] = before
    return tokens, day


def _ranks(group: Rows, key: npt.NDArray[np.uint64]) -> Rows:
    """Return the rank of each row's key within its group."""
    order = np.lexsort((key, group))
    changed = np.diff(group[order], prepend=-1) != 0
    new = changed | (np.diff(key[order], prepend=0) != 0)
    count = np.cumsum(new) - 1
    ranks = np.empty_like(group)
    ranks[order] = count - np.maximum.accumulate(np.where(changed, count, 0))
    return ranks


def _mixed(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return words whose every bit depends on every bit of the given ones (the finaliser of SplitMix64)."""
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


def _hashed(*columns: Floats) -> npt.NDArray[np.uint64]:
    """Return one number for each row of some arrays."""
    total = np.zeros(len(columns[0]), np.uint64)
    for each in columns:
        words = np.ascontiguousarray(each + 0.0).view(np.uint64)
        weights = np.random.default_rng(1).integers(1, 2**63, words.shape[1], dtype=np.uint64) * np.uint64(
            2
        ) + np.uint64(1)
        total = _mixed(total + np.einsum("ij,j->i", words ^ (words >> np.uint64(29)), weights))
    return total
