"""Doses: drug, amount, route, infusion length and repeats."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

from eaesim.errors import ProtocolError, QuantityError, check_names
from eaesim.model.drug import Drug
from eaesim.model.mechanism import parse_mechanism
from eaesim.model.pharmacy import STUDIED_DRUG, drug_names, known_drug, load_drug
from eaesim.protocol.quantity import count, dose_text, length, quantity
from eaesim.protocol.regimen import Dose, DoseLine, Regimen
from eaesim.protocol.trigger import Trigger, parse_triggers
from eaesim.units import LONGEST

__all__ = ["STUDIED_DRUG", "Bolus", "Infusion", "any_mechanism", "mechanism_text", "parse_dose"]

_EXAMPLES = '"1 g/kg", "1 g/kg over 4 h", "0.4 g/kg every 1 day x 5"'
_DOSE = re.compile(
    r"(?P<dose>.+?)(?:\s+over\s+(?P<over>.+?))?(?:\s+every\s+(?P<every>.+?)\s*[x×]\s*(?P<doses>[0-9]{1,9}))?"
)
# The same with the repeats before the time between them.
_TURNED = re.compile(r"(?P<dose>.+?)\s+(?P<repeats>[x×]\s*[0-9]{1,9})\s+(?P<every>every\s+.+)")
_WORDS = re.compile(r"\s(over|every|[x×])(\s|$)")


@dataclass(frozen=True, init=False)
class _Dose(Dose):
    """Base of bolus and infusion."""

    def __init__(
        self,
        dose: str,
        *,
        drug: str | Drug = STUDIED_DRUG,
        route: str = "iv",
        every: str | float | None = None,
        doses: int = 1,
        mechanism: str | None = None,
    ) -> None:
        substance = known_drug(drug)
        routes = tuple(substance.routes)
        check_names([route], "route", routes)
        doses = count(doses, what="doses", least=1, most=1000)
        if doses > 1 and every is None:
            raise ProtocolError(
                f'{doses} doses need the time between them; write for example every = "1 day".'
            )
        if mechanism is not None and substance.name == STUDIED_DRUG:
            mechanism = mechanism_text(mechanism)
        elif mechanism is not None:
            substance = substance.acting_by(mechanism)
            mechanism = substance.chosen
        vars(self).update(
            dose=dose_text(quantity(dose, "mg/kg", what="dose")),
            drug=substance.name,
            substance=substance,
            route=route,
            every=None if every is None else length(every, what="every"),
            doses=doses,
            mechanism=mechanism,
        )

    def at(
        self,
        *,
        day: str | float | None = None,
        onset: str | None = None,
        relapse: str | None = None,
        after: str | float = 0,
    ) -> Regimen:
        """Set the time of the first dose: a day, onset, or a relapse.

        Parameters
        ----------
        day
            Day, as a number or a text such as ``"12 h"``; day 0 is the first induction.
        onset
            ``"score >= 1"``: on the first day with such a score.
        relapse
            ``"score rise >= 1"``: on the second of the two daily readings that confirm a relapse; with
            ``"every"`` before it, at every relapse of a rat, up to five.
        after
            Whole days between onset or relapse and the dose.

        Returns
        -------
        Regimen
            Regimen with this line; with ``"every"``, one line per relapse.

        Raises
        ------
        ProtocolError
            If not exactly one of day, onset and relapse is given.
        QuantityError
            If a time cannot be read.

        Examples
        --------
        >>> Bolus("1 g/kg").at(onset="score >= 1", after=2).table()[0].after
        2.0
        """
        times = {"day": day, "onset": onset, "relapse": relapse}
        given = [name for name, value in times.items() if value is not None]
        if len(given) != 1:
            raise ProtocolError(
                f"a dose needs one of day, onset, relapse; given: {' and '.join(given) if given else 'none'}."
            )
        triggers: tuple[Trigger | None, ...] = (None,)
        if onset is not None:
            triggers = parse_triggers("onset", onset)
        elif relapse is not None:
            triggers = parse_triggers("relapse", relapse)
        # The line converts texts to days.
        lines = (DoseLine(self, day, trigger, after) for trigger in triggers)  # type: ignore[arg-type]
        return Regimen(tuple(lines))


@dataclass(frozen=True, init=False)
class Bolus(_Dose):
    """A dose given at once, with its repeats.

    Parameters
    ----------
    dose
        Amount per body weight with its unit: ``"1 g/kg"``, ``"400 mg/kg"``; 0 is allowed.
    drug
        Name of the drug, or a `Drug`.
    route
        Route: ``"iv"``, ``"ip"`` or ``"sc"``.
    every
        Time between repeats, in days or as text.
    doses
        Total number of doses.
    mechanism
        Mechanism of this dose: for IVIG, if different from the arm; for another drug, if not all of them.

    Raises
    ------
    QuantityError
        If an amount or a time is negative, not finite, or has no matching unit.
    UnknownNameError
        If drug, route or mechanism is not known.
    ProtocolError
        If repeats have no time between them.

    Examples
    --------
    >>> Bolus("1 g/kg").amount
    1000.0
    """


@dataclass(frozen=True, init=False)
class Infusion(_Dose):
    """An intravenous infusion at a constant rate, with its repeats.

    Parameters
    ----------
    dose
        Amount per body weight of one infusion, with its unit: ``"0.4 g/kg"``.
    over
        Infusion length, in days or as text such as ``"4 h"``.
    drug, route, every, doses, mechanism
        As for `Bolus`; the route is ``"iv"``. Repeats may overlap: then their rates add.

    Raises
    ------
    QuantityError, UnknownNameError, ProtocolError
        As for `Bolus`; also for another route.

    Examples
    --------
    >>> Infusion("0.4 g/kg", over="4 h", every="1 day", doses=5).text()
    '0.4 g/kg over 4 h every 1 day x 5'
    """

    over: float = field()

    def __init__(
        self,
        dose: str,
        *,
        over: str | float,
        drug: str | Drug = STUDIED_DRUG,
        route: str = "iv",
        every: str | float | None = None,
        doses: int = 1,
        mechanism: str | None = None,
    ) -> None:
        super().__init__(dose, drug=drug, route=route, every=every, doses=doses, mechanism=mechanism)
        if route != "iv":
            raise ProtocolError(
                f'an infusion runs into a vein; by route "{route}" give a bolus, without "over".'
            )
        vars(self).update(over=length(over, what="infusion length"))
        if not math.isfinite(self.amount / self.over):
            raise QuantityError(f'infusion length "{over}" is too short.')


def parse_dose(
    text: str, *, drug: str | Drug = STUDIED_DRUG, route: str = "iv", mechanism: str | None = None
) -> Bolus | Infusion:
    """Read a dose with its length and repeats from one text.

    Parameters
    ----------
    text
        ``"1 g/kg"``, ``"1 g/kg over 4 h"``, ``"0.4 g/kg every 1 day x 5"`` (or ``x 5 every 1 day``), or all
        of it.
    drug, route, mechanism
        As for `Bolus`.

    Examples
    --------
    >>> parse_dose("1 g/kg over 4 h").over
    0.16666666666666666
    """
    is_short = isinstance(text, str) and len(text) <= LONGEST
    words = _TURNED.sub(r"\g<dose> \g<every> \g<repeats>", " ".join(text.split())) if is_short else ""
    match = _DOSE.fullmatch(words)
    if match is None or any(_WORDS.search(part) for part in match.groupdict().values() if part):
        raise QuantityError(f'dose "{text}" cannot be read; write for example {_EXAMPLES}.')
    every, doses = match["every"], int(match["doses"] or 1)
    if match["over"] is None:
        return Bolus(match["dose"], drug=drug, route=route, every=every, doses=doses, mechanism=mechanism)
    return Infusion(
        match["dose"],
        over=match["over"],
        drug=drug,
        route=route,
        every=every,
        doses=doses,
        mechanism=mechanism,
    )


def any_mechanism(text: str) -> str:
    """Return a mechanism setting in standard form; one of another drug than IVIG as it is.

    Whether that drug has it is known only where the drug is.

    Examples
    --------
    >>> any_mechanism("H2 + H1a"), any_mechanism("t_cells")
    ('H1a+H2', 't_cells')
    """
    own = {*load_drug(STUDIED_DRUG).mechanisms}
    others = {name for drug in drug_names() for name in load_drug(drug).mechanisms}
    return text if {*text.split("+")} <= others - own else mechanism_text(text)


def mechanism_text(text: str) -> str:
    """Return a mechanism setting in standard form.

    Examples
    --------
    >>> mechanism_text("H2 + H1a")
    'H1a+H2'
    """
    return "+".join(parse_mechanism(text)) or "none"
