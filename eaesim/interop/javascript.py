"""The traced equations and one step of an explicit method, as JavaScript."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from eaesim.interop.animal import typical_animal
from eaesim.model import Rat
from eaesim.solver import Quantity, System
from eaesim.solver.lanes.method import Method, tsit5
from eaesim.solver.problem import ABSOLUTE_SHARE
from eaesim.solver.trace import Operand, Tape, trace
from eaesim.study import Study
from eaesim.study.assembly import READ, event_table, healthy, system_with


def javascript_text(system: System, quantities: Sequence[Quantity], *, method: Method) -> str:
    """Return a JavaScript object with the equations of a system and one step of a method.

    It has ``states`` and ``parameters`` (their names, in order), ``order`` (of the method), and functions on
    arrays of numbers:

    - ``prepare(parameters, own)`` fills what depends on the parameters alone, once for each animal; `own` has
      the length ``numbers``.
    - ``rates(state, own, rate)`` fills the rates of change per day.
    - ``seen(state, own, value)`` fills the recorded quantities.
    - ``step(state, own, slopes, after, length)`` fills the slopes and the state after a step of this length
      in days, and returns its error relative to the size of the states. The first slope is that of `state`;
      the last becomes that of `after`.
    - ``between(state, slopes, length, share, value)`` fills the state at a share of the last step.

    Parameters
    ----------
    system
        Equations.
    quantities
        Recorded quantities: names of states, or functions that use arithmetic only.
    method
        Explicit method with states within its steps.

    Raises
    ------
    TypeError
        If an equation branches on a value, or uses more than arithmetic.

    Examples
    --------
    >>> from eaesim.solver.lanes.method import tsit5
    >>> from eaesim.study.assembly import READ, SYSTEM
    >>> text = javascript_text(SYSTEM, READ, method=tsit5())
    >>> text.splitlines()[-2:], "seen(y, c, value)" in text
    (['},', '}'], True)
    """
    tape = trace(system, quantities)
    constants = _constants(tape)
    floor = [ABSOLUTE_SHARE * scale for scale in system.scale]
    return "\n".join(
        (
            "{",
            f"states: {json.dumps(system.state._fields)},",
            f"parameters: {json.dumps(system.parameters._fields)},",
            f"numbers: {len(constants)}, quantities: {len(quantities)}, stages: {len(method.stages) + 1},",
            f"root: {method.root}, caution: {method.caution!r},",
            *_prepare(tape, constants),
            *_moving("rates", "rate", tape, constants, tape.rates),
            *_moving("seen", "value", tape, constants, tape.quantities),
            *_step(method, floor),
            *_between(method, tape.states),
            "}",
        )
    )


def javascript_module(
    subject: Study | Rat | str, *, arm: str | None = None, mechanism: str | None = None
) -> str:
    """Return a JavaScript module: the equations as `model`, the typical rat of one arm as `animal`.

    `model` is that of `javascript_text`, and reads severity (0 to 5) and the cumulative hazard of death.
    `animal` has ``parameters`` and ``initial`` in the order of the model, ``start`` (day on which a run
    begins), and ``events``: day, number of a state, and the amount that is added to it then.

    Examples
    --------
    >>> javascript_module("lewis").splitlines()[1]
    'export const model = {'
    """
    animal = typical_animal(subject, arm=arm, mechanism=mechanism)
    system = system_with(animal.drugs)
    values = [animal.entries[name].value for name in system.parameters._fields]
    table = event_table([animal.events], np.zeros(1, dtype=np.int64), np.array([values]), system=system)
    content = {
        "start": animal.start,
        "parameters": values,
        "initial": healthy(np.array([values]), system)[0].tolist(),
        "events": [
            [float(day), int(state), float(amount)]
            for day, state, amount in zip(table.day[0], table.state[0], table.amount[0], strict=True)
        ],
    }
    return "\n".join(
        (
            # As JSON, a title cannot end the comment.
            f"// {json.dumps([animal.rat.title, animal.arm.name, animal.mechanism])}; time in days",
            f"export const model = {javascript_text(system, READ, method=tsit5())};",
            f"export const animal = {json.dumps(content, allow_nan=False)};",
            "",
        )
    )


def _constants(tape: Tape) -> dict[int, int]:
    """Return the places that depend on parameters alone and are used by what moves, numbered."""
    used: dict[int, int] = {}
    sides = [
        side
        for place, operation in enumerate(tape.operations, start=tape.first)
        if tape.moving[place]
        for side in operation[1:]
    ]
    for side in (*sides, *tape.rates, *tape.quantities):
        if isinstance(side, int) and not tape.moving[side]:
            used.setdefault(side, len(used))
    return used


def _needed(tape: Tape, wanted: Sequence[Operand]) -> set[int]:
    """Return the places of the operations that lead to some places."""
    found: set[int] = set()
    left = [side for side in wanted if isinstance(side, int)]
    while left:
        place = left.pop()
        if place in found or place < tape.first:
            continue
        found.add(place)
        left += [side for side in tape.operations[place - tape.first][1:] if isinstance(side, int)]
    return found


def _prepare(tape: Tape, constants: dict[int, int]) -> list[str]:
    def name(side: Operand) -> str:
        if isinstance(side, float):
            return repr(side)
        return f"p[{side - tape.states}]" if side < tape.first else f"v{side}"

    return _function("prepare(p, c)", tape, _needed(tape, tuple(constants)), "c", constants, name)


def _moving(
    title: str, into: str, tape: Tape, constants: dict[int, int], wanted: tuple[Operand, ...]
) -> list[str]:
    def name(side: Operand) -> str:
        if isinstance(side, float):
            return repr(side)
        if side in constants:
            return f"c[{constants[side]}]"
        return f"y[{side}]" if side < tape.states else f"v{side}"

    needed = {place for place in _needed(tape, wanted) if tape.moving[place]}
    return _function(f"{title}(y, c, {into})", tape, needed, into, wanted, name)


def _function(
    head: str,
    tape: Tape,
    places: set[int],
    into: str,
    wanted: Iterable[Operand],
    name: Callable[[Operand], str],
) -> list[str]:
    """Return a function that computes some places, and puts what is wanted into an array."""
    lines = []
    for place in sorted(places):
        operator, left, right = tape.operations[place - tape.first]
        written = f"-{name(left)}" if operator == "neg" else f"{name(left)} {operator} {name(right)}"
        lines.append(f"const v{place} = {written};")
    filled = (f"{into}[{number}] = {name(side)};" for number, side in enumerate(wanted))
    return [f"{head} {{", *lines, *filled, "},"]


def _step(method: Method, floor: Sequence[float]) -> list[str]:
    stages = len(method.stages)
    lines = [
        "step(y, c, k, z, h) {",
        f"const [{', '.join(f'k{stage}' for stage in range(stages + 1))}] = k, n = {len(floor)};",
    ]
    for stage, weights in enumerate(method.stages, start=1):
        used = [column for column, weight in enumerate(weights) if weight]
        given = ", ".join(f"a{column} = h * {weights[column]!r}" for column in used)
        total = " + ".join(f"a{column} * k{column}[i]" for column in used)
        lines += [
            f"{{ const {given};",
            f"for (let i = 0; i < n; i++) z[i] = y[i] + ({total}); }}",
            f"this.rates(z, c, k{stage});",
        ]
    error = " + ".join(
        f"{weight!r} * k{column}[i]" for column, weight in enumerate(method.error[0]) if weight
    )
    return [
        *lines,
        "let total = 0;",
        f"for (let i = 0; i < n; i++) {{ const e = ({error})",
        "/ (Math.max(Math.abs(y[i]), Math.abs(z[i])) + this.floor[i]); total += e * e; }",
        "return Math.abs(h) * Math.sqrt(total / n);",
        "},",
        f"floor: {json.dumps(list(floor))},",
    ]


def _between(method: Method, states: int) -> list[str]:
    columns = [column for column, powers in enumerate(method.between) if any(powers)]
    weights = [f"b{column} = h * s * ({_polynomial(method.between[column])})" for column in columns]
    total = " + ".join(f"b{column} * k[{column}][i]" for column in columns)
    return [
        "between(y, k, h, s, value) {",
        f"const {', '.join(weights)};",
        f"for (let i = 0; i < {states}; i++) value[i] = y[i] + ({total});",
        "},",
    ]


def _polynomial(powers: Sequence[float]) -> str:
    """Return a polynomial in s by Horner's rule."""
    text = repr(powers[-1])
    for factor in powers[-2::-1]:
        text = f"({text} * s + {factor!r})"
    return text
