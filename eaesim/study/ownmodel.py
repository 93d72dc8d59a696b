"""Equations of one's own, solved by the same engines, with times in hours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from eaesim.errors import EngineError, ProtocolError, check_names
from eaesim.model.state import Term
from eaesim.model.treatment import named
from eaesim.solver import Events, Problem, System, solve

if TYPE_CHECKING:
    import pandas as pd

HOURS = 24.0
Added = tuple[float, str, float]


class Model:
    """Ordinary differential equations of your own.

    Parameters
    ----------
    rates
        Function of (state, parameters), both with the names below as attributes, that returns the rate of
        change of each state per hour: a mapping by name. It uses arithmetic only, and no time.
    state
        Values at hour 0, by name.
    parameters
        Values by name.
    scale
        Typical magnitude of each state, from which the solver sets its absolute tolerance; by default 1.

    Raises
    ------
    ProtocolError
        If a name is no plain name, or a state is also a parameter.

    Examples
    --------
    >>> decay = Model(lambda s, p: {"drug": -p.k * s.drug}, state={"drug": 0}, parameters={"k": 0.1})
    >>> table = decay.run([0, 6, 12], added=[(2, "drug", 10.0)])
    >>> [round(value, 3) for value in table["drug"]]
    [0.0, 6.703, 3.679]
    """

    def __init__(
        self,
        rates: Callable[[Any, Any], Mapping[str, Any]],
        *,
        state: Mapping[str, float],
        parameters: Mapping[str, float],
        scale: Mapping[str, float] | None = None,
    ) -> None:
        names = [*state, *parameters]
        wrong = [name for name in names if not str(name).isidentifier() or str(name).startswith("_")]
        if wrong or len(set(names)) < len(names) or not state or not parameters:
            raise ProtocolError(
                "a model has states and parameters, each with a plain name of its own"
                f"{f'; given: {wrong[0]!r}' if wrong else ''}."
            )
        self.rates, self.state, self.parameters = rates, dict(state), dict(parameters)
        self.scale = {name: float((scale or {}).get(name, 1.0)) for name in state}

    @cached_property
    def system(self) -> System:
        """The equations as the solver takes them, per day."""
        states, parameters = named("State", tuple(self.state)), named("Parameters", tuple(self.parameters))

        def derivative(state: Term, own: Term) -> Term:
            found = self.rates(state, own)
            check_names(found, "state", self.state)
            missing = next((name for name in self.state if name not in found), None)
            if missing is not None:
                raise ProtocolError(f"the equations give no rate of {missing}.")
            return states(*(HOURS * found[name] for name in self.state))

        return System(derivative, states, parameters, tuple(self.scale.values()))

    def run(
        self,
        hours: Iterable[float],
        *,
        added: Sequence[Added] = (),
        parameters: Sequence[Mapping[str, float]] = ({},),
        engine: str = "auto",
        workers: int | None = None,
    ) -> pd.DataFrame:
        """Solve the equations.

        Parameters
        ----------
        hours
            Hours at which states are read, ascending from 0; a reading precedes what is added at that hour.
        added
            What is added: hour, name of the state, amount.
        parameters
            Values that replace those of the model, a mapping for each run.
        engine
            ``"lanes"``, ``"reference"``, or ``"auto"``.
        workers
            Threads or processes.

        Returns
        -------
        pandas.DataFrame
            The columns run, hour and one for each state.

        Raises
        ------
        UnknownNameError
            If a state or a parameter is not known.
        EngineError
            If a run fails.
        """
        times = np.array([float(hour) for hour in hours])
        sets = [self.parameters | self._own(changes) for changes in parameters]
        for _, name, _ in added:
            check_names([name], "state", self.state)
        shape, places = (len(sets), len(added)), {name: place for place, name in enumerate(self.state)}
        problem = Problem(
            system=self.system,
            parameters=np.array([list(one.values()) for one in sets], dtype=float),
            initial=np.tile(np.array(list(self.state.values()), dtype=float), (len(sets), 1)),
            events=Events(
                np.broadcast_to([hour / HOURS for hour, _, _ in added], shape).astype(float),
                np.broadcast_to([places[name] for _, name, _ in added], shape).astype(np.int64),
                np.broadcast_to([amount for _, _, amount in added], shape).astype(float),
            ),
            days=times / HOURS,
            record=tuple(self.state),
        )
        solution = solve(problem, engine=engine, workers=workers)
        if solution.status.any() and (why := next(iter(solution.reason.values()), "")):
            failed = np.isnan(solution.values).any(axis=(1, 2))
            if failed.any():
                raise EngineError(f"run {int(failed.argmax())} failed: {why}.")
        import pandas as pd

        values = solution.values.reshape(-1, len(self.state))
        table = pd.DataFrame(values, columns=list(self.state))
        table.insert(0, "hour", np.tile(times, len(sets)))
        table.insert(0, "run", np.repeat(np.arange(len(sets)), len(times)))
        return table

    def _own(self, changes: Mapping[str, float]) -> dict[str, float]:
        check_names(changes, "parameter", self.parameters)
        return {name: float(value) for name, value in changes.items()}
