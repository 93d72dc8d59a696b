"""A design: inductions and treatment of each arm, and duration of follow-up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from textwrap import wrap

from eaesim.errors import ProtocolError, unknown_name
from eaesim.protocol.arm import Arm
from eaesim.protocol.donors import check_donors
from eaesim.protocol.dose import mechanism_text
from eaesim.protocol.induction import Induction, check_inductions
from eaesim.protocol.quantity import number_text, whole_days
from eaesim.protocol.sketch import axis

#: Maximum arms of a study, and total doses, which limits run time.
MOST_ARMS, MOST_DOSES = 1_000, 100_000
#: Maximum endpoints; each is a row per arm.
MOST_ENDPOINTS = 100
_COLUMNS = 80


@dataclass(frozen=True, init=False)
class Design:
    """A study without its rats.

    Parameters
    ----------
    until
        Last day, a whole number; the score is read on days 0 to `until`, both included.
    inductions
        Inductions of disease; the earliest on day 0. Without any, rats are healthy.
    arms
        Arms, at least one, each with its own name.
    mechanism
        Mechanism of IVIG: ids, combined with ``+``, or ``"none"``.
    control
        Name of the arm that the others are compared with; by default ``"vehicle"``, else the first.
    endpoints
        Endpoints with a window, such as ``"cumulative_score[12:42]"``, computed in addition to the
        usual ones; their names are not checked here.

    Raises
    ------
    QuantityError
        If `until` is not a whole number of days above 0.
    ProtocolError
        If there are no arms, two share a name, a dose, an induction or a harvest lies past `until`, arms take
        their cells from themselves or in a circle, or `endpoints` is not a list of names.
    UnknownNameError
        If the control, a mechanism, or an arm that cells are taken from is not known.

    Examples
    --------
    >>> from eaesim.protocol.dose import Bolus
    >>> from eaesim.protocol.induction import Immunisation
    >>> design = Design(40, [Immunisation()], [Arm("vehicle"), Arm("day 7", Bolus("1 g/kg").at(day=7))])
    >>> design.control
    'vehicle'
    """

    until: int
    inductions: tuple[Induction, ...]
    arms: tuple[Arm, ...]
    mechanism: str
    control: str
    endpoints: tuple[str, ...]

    def __init__(
        self,
        until: str | float,
        inductions: Iterable[Induction],
        arms: Iterable[Arm],
        mechanism: str = "H1a",
        control: str | None = None,
        endpoints: Iterable[str] = (),
    ) -> None:
        arms = _check_arms(arms)
        names = [arm.name for arm in arms]
        if control is None:
            control = "vehicle" if "vehicle" in names else names[0]
        elif control not in names:
            raise unknown_name(control, "arm", names)
        vars(self).update(
            until=whole_days(until, what="until", least=1),
            inductions=check_inductions(inductions),
            arms=arms,
            mechanism=mechanism_text(mechanism),
            control=control,
            endpoints=_check_endpoints(endpoints),
        )
        doses = sum(line.dose.doses for arm in arms for line in arm.regimen.lines)
        if doses > MOST_DOSES:
            raise ProtocolError(f"the arms have {doses:,} doses together; at most {MOST_DOSES:,}.")
        for arm in arms:
            arm.mechanism_or(self.mechanism)
            self._check_days(arm)
        check_donors({arm.name: self.inductions_of(arm) for arm in arms}, until=self.until)

    def inductions_of(self, arm: Arm) -> tuple[Induction, ...]:
        """Return the inductions of an arm: its own, or else the study's.

        Examples
        --------
        >>> Design(40, [], [Arm("healthy")]).inductions_of(Arm("healthy"))
        ()
        """
        return self.inductions if arm.inductions is None else arm.inductions

    def _check_days(self, arm: Arm) -> None:
        late = [("induction", induction.day) for induction in self.inductions_of(arm)]
        late += [("dose", row.day) for row in arm.regimen.table() if row.day is not None]
        for noun, day in late:
            if day > self.until:
                raise ProtocolError(
                    f'arm "{arm.name}": the {noun} on day {number_text(day)} lies past the end; '
                    f"the study runs until day {self.until}."
                )

    def __str__(self) -> str:
        first = min((row.day or 0.0 for arm in self.arms for row in arm.regimen.table()), default=0.0)
        ends = (min(0.0, first), float(self.until))
        parts = [f"days 0 to {self.until}, mechanism {self.mechanism}, control: {self.control}"]
        if self.endpoints:
            parts.append(f"endpoints with a window: {', '.join(self.endpoints)}")
        parts.append("\n".join(["inductions", *_induction_lines(self.inductions, *ends)]))
        for arm in self.arms:
            lines = [arm.name if arm.mechanism is None else f"{arm.name} (mechanism {arm.mechanism})"]
            if arm.parameters:
                given = ", ".join(f"{name} = {value}" for name, value in arm.parameters)
                lines.append(f"  with parameters of its own: {given}")
            if arm.inductions is not None:
                lines += ["  with inductions of its own:", *_induction_lines(arm.inductions, *ends)]
            lines += [f"  {line}" for line in arm.regimen.text(first=ends[0], last=ends[1]).splitlines()]
            parts.append("\n".join(lines))
        return "\n\n".join(parts)


def _induction_lines(inductions: tuple[Induction, ...], first: float, last: float) -> list[str]:
    if not inductions:
        return ["  no induction"]
    line = axis("days:", [induction.day for induction in inductions], first, last)
    lines = [part for text in map(str, inductions) for part in _folded(text)]
    return [f"  {text}" for text in (*lines, line)]


def _folded(text: str) -> list[str]:
    return wrap(text, _COLUMNS - 2, subsequent_indent="  ", break_on_hyphens=False)


def _check_endpoints(endpoints: Iterable[str]) -> tuple[str, ...]:
    listed = tuple(endpoints) if isinstance(endpoints, Iterable) and not isinstance(endpoints, str) else None
    if listed is None or not all(isinstance(name, str) for name in listed):
        raise ProtocolError('endpoints is a list of names, such as ["cumulative_score[12:42]"].')
    if len(listed) > MOST_ENDPOINTS:
        raise ProtocolError(f"there are {len(listed):,} endpoints; at most {MOST_ENDPOINTS}.")
    return listed


def check_arm_count(arms: int) -> None:
    """Check the number of arms.

    Examples
    --------
    >>> check_arm_count(3)
    """
    if arms > MOST_ARMS:
        raise ProtocolError(f"a study has at most {MOST_ARMS:,} arms; given: {arms:,}.")


def _check_arms(arms: Iterable[Arm]) -> tuple[Arm, ...]:
    result = tuple(arms) if isinstance(arms, Iterable) else (arms,)
    for arm in result:
        if not isinstance(arm, Arm):
            raise ProtocolError(f'{type(arm).__name__} is not an arm; write for example Arm("vehicle").')
    names = [arm.name for arm in result]
    check_arm_count(len(names))
    if not names:
        raise ProtocolError('a study needs at least one arm; write for example Arm("vehicle").')
    check_different(names)
    return result


def check_different(names: Iterable[str]) -> None:
    """Make sure that no two arms have the same name."""
    twice = next((name for name, times in Counter(names).items() if times > 1), None)
    if twice is not None:
        raise ProtocolError(f'two arms are named "{twice}"; each needs a name of its own.')
