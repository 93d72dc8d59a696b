"""Arms: a name, and the treatment of its rats."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from eaesim.errors import ProtocolError
from eaesim.model import Drug
from eaesim.protocol.dose import STUDIED_DRUG, mechanism_text, parse_dose
from eaesim.protocol.induction import Induction, check_inductions
from eaesim.protocol.parametertable import check_parameters
from eaesim.protocol.regimen import DoseLine, Regimen

#: Maximum characters of a name, and dose lines of an arm.
LONGEST_NAME, MOST_LINES = 200, 200


@dataclass(frozen=True, init=False)
class Arm:
    """One arm of a study.

    Parameters
    ----------
    name
        One line of text.
    *regimens
        Regimens given together; none for vehicle.
    mechanism
        Mechanism of IVIG in this arm, if different from the study; a dose's own mechanism takes precedence.
    inductions
        Inductions of disease in this arm, if different from the study.
    parameters
        Parameter values that replace those of the rat in this arm, by name: numbers in the parameter's unit,
        or text with a unit. Names are checked by the study.

    Attributes
    ----------
    regimen
        The sum of the regimens.

    Raises
    ------
    ProtocolError
        If the name is empty or not one line, something other than a regimen is given, IVIG would act
        by two mechanisms, two drugs of one name meet, or a parameter is not a number or text.
    UnknownNameError
        If a mechanism is not known.

    Examples
    --------
    >>> from eaesim.protocol.dose import Bolus
    >>> Arm("day 7", Bolus("1 g/kg").at(day=7)).regimen.total()
    {'ivig': 1000.0}
    """

    name: str
    regimen: Regimen
    mechanism: str | None
    inductions: tuple[Induction, ...] | None
    parameters: tuple[tuple[str, float | str], ...]

    def __init__(
        self,
        name: str,
        *regimens: Regimen,
        mechanism: str | None = None,
        inductions: Iterable[Induction] | None = None,
        parameters: Mapping[str, float | str] | None = None,
    ) -> None:
        if not isinstance(name, str) or not name.strip() or not name.isprintable():
            raise ProtocolError(f"the name of an arm is one line of text; given: {name!r}.")
        if len(name) > LONGEST_NAME:
            raise ProtocolError(f"the name of an arm has at most {LONGEST_NAME} characters; given: {name!r}.")
        if len(regimens) > MOST_LINES:
            raise ProtocolError(f'arm "{name}" has {len(regimens):,} lines of doses; at most {MOST_LINES}.')
        for regimen in regimens:
            if not isinstance(regimen, Regimen):
                raise ProtocolError(
                    f'arm "{name}": {type(regimen).__name__} is not a regimen; '
                    "write when it is given, such as dose.at(day=0)."
                )
        vars(self).update(
            name=name,
            regimen=sum(regimens, Regimen()),
            mechanism=None if mechanism is None else mechanism_text(mechanism),
            inductions=None if inductions is None else check_inductions(inductions),
            parameters=tuple(check_parameters(parameters or {}, f'parameters of arm "{name}"').items()),
        )
        self.drugs()
        chosen = (line.dose.mechanism or self.mechanism for line in self._studied_lines())
        self._one_mechanism({mechanism for mechanism in chosen if mechanism})

    def mechanism_or(self, default: str) -> str:
        """Return the mechanism of IVIG in this arm, given the `default` of the study.

        Raises
        ------
        ProtocolError
            If one dose has a mechanism of its own and another would take the default.

        Examples
        --------
        >>> Arm("vehicle").mechanism_or("H1a")
        'H1a'
        """
        arms = self.mechanism or mechanism_text(default)
        doses = {line.dose.mechanism or arms for line in self._studied_lines()}
        self._one_mechanism(doses)
        return doses.pop() if doses else arms

    def _studied_lines(self) -> list[DoseLine]:
        return [line for line in self.regimen.lines if line.dose.drug == STUDIED_DRUG]

    def drugs(self) -> tuple[Drug, ...]:
        """Return the drugs other than IVIG, each once, by name.

        Raises
        ------
        ProtocolError
            If doses of one drug act by different mechanisms, or are of two drugs of one name.
        """
        found: dict[str, Drug] = {}
        for line in self.regimen.lines:
            drug = line.dose.substance
            if drug.name != STUDIED_DRUG and found.setdefault(drug.name, drug) != drug:
                other = found[drug.name]
                both = f"given: {other.chosen or 'all'}, {drug.chosen or 'all'}"
                raise ProtocolError(
                    f'arm "{self.name}": its doses of {drug.name} share one compartment, so they act alike; '
                    f"{both if other.chosen != drug.chosen else 'two drugs of that name are given'}."
                )
        return tuple(found[name] for name in sorted(found))

    def _one_mechanism(self, mechanisms: set[str]) -> None:
        if len(mechanisms) > 1:
            raise ProtocolError(
                f'arm "{self.name}": its doses of {STUDIED_DRUG} share one plasma IgG, so they act by one '
                f"mechanism; given: {', '.join(sorted(mechanisms))}."
            )


def replaced_drug(arm: Arm, drug: str | Drug) -> Arm:
    """Return an arm with another drug in every dose of IVIG.

    Examples
    --------
    >>> from eaesim.protocol.dose import Bolus
    >>> replaced_drug(Arm("a", Bolus("1 mg/kg").at(day=0)), "late_acting").regimen.total()
    {'late_acting': 1.0}
    """
    lines = [
        line
        if line.dose.drug != STUDIED_DRUG
        else replace(line, dose=parse_dose(line.dose.text(), drug=drug, route=line.dose.route))
        for line in arm.regimen.lines
    ]
    return Arm(
        arm.name,
        Regimen(tuple(lines)),
        mechanism=arm.mechanism,
        inductions=arm.inductions,
        parameters=dict(arm.parameters),
    )
