"""A study that a question's own settings make, where neither a file nor a study is given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self, TypeVar

from eaesim.errors import ProtocolError, unknown_name
from eaesim.files import Content, within
from eaesim.model import default_rat, rat_names
from eaesim.protocol import Arm, Immunisation, Regimen, Relapse
from eaesim.protocol.dose import STUDIED_DRUG
from eaesim.protocol.kinds import MaybeCount, MaybeText, choice, optional, plain_value, several, text
from eaesim.protocol.quantity import days, number_text, shown, whole_days
from eaesim.protocol.settings import Kind, Setting, Settings, option_name
from eaesim.study import Study
from eaesim.workbench.dosing import Dose, read_days, read_dose

#: Strain, last day, and day of the induction that doses are timed by.
STRAINS = {"immunisation": "lewis", "relapse": "da"}
UNTIL = {"immunisation": 40, "relapse": 65}
RELAPSE_DAY = 35
ONSET, UNTREATED = "onset", "untreated"

Moment = float | str
Given = TypeVar("Given")
MaybeDoses = Setting[str | Dose | Sequence[str | Dose] | None, tuple[Dose, ...] | None]
MaybeMoments = Setting[str | float | Iterable[str | float] | None, tuple[Moment, ...] | None]


def _doses() -> Kind[str | Dose | Sequence[str | Dose] | None, tuple[Dose, ...] | None]:
    return optional(
        several(Kind(read=read_dose, metavar="DOSE", schema={"type": "string", "examples": ["1 g/kg"]}))
    )


def _moments() -> Kind[str | float | Iterable[str | float] | None, tuple[Moment, ...] | None]:
    """Return the kind of days, ranges of days, and the onset of signs."""

    def read_one(value: Content, place: str) -> tuple[Moment, ...]:
        if not isinstance(value, str):
            return (days(value, what=place),)
        if value.strip().isalpha():
            if value.strip() != ONSET:
                with within(place):
                    raise unknown_name(value, "sign", [ONSET])
            return (ONSET,)
        return read_days(value, place) if ":" in value else (days(plain_value(value), what=place),)

    def read(value: Content, place: str) -> tuple[Moment, ...]:
        items: list[Content] = (
            [value] if isinstance(value, str | bytes) or not isinstance(value, Iterable) else [*value]
        )
        every = dict.fromkeys(found for item in items for found in read_one(item, place))
        if not every:
            raise ProtocolError(f"{place} {shown(value)} holds no day; give at least one, such as 0.")
        return tuple(every)

    texts = several(text(names=lambda: (ONSET,)))
    return optional(
        Kind(
            read=read,
            metavar="DAY,...",
            schema={"examples": ["-7:14"]},
            write=lambda value: [*value],
            from_text=texts.from_text,
            joined=texts.joined,
            names=texts.names,
        )
    )


def _what(dose: Dose) -> str:
    """Return a dose in words, with its drug, mechanism and route where they are not the usual ones."""
    drug = "" if dose.drug == STUDIED_DRUG else f" of {dose.drug}"
    acting = "" if dose.mechanism is None else f" by {dose.mechanism}"
    return f"{dose.text()}{drug}{acting}" + ("" if dose.route == "iv" else f" {dose.route}")


def _last_day() -> Kind[int | None, int | None]:
    def read(value: Content, place: str) -> int:
        return whole_days(value, what=place, least=1)

    return optional(Kind(read=read, metavar="DAY", schema={"type": "integer"}, from_text=plain_value))


@dataclass(frozen=True, kw_only=True)
class MadeRat(Settings):
    """Base of requests that may name their rat instead of a study file.

    Examples
    --------
    >>> MadeRat(rat="da").making
    ('rat',)
    """

    rat: MaybeText = Setting(
        optional(text(names=rat_names)),
        None,
        "Rat, or the folder of a fit, without a study file; default: lewis, around a relapse da.",
        is_in_file=False,
    )

    @property
    def making(self) -> tuple[str, ...]:
        """Names of the given settings that make a study."""
        bases = (MadeRat, MadeInduced, MadeStudy)
        own = [name for base in bases if isinstance(self, base) for name in vars(base)]
        return tuple(name for name in self.settings() if name in own and getattr(self, name) is not None)

    def of(
        self, given: Given | None, *, are_options: bool = False
    ) -> tuple[Given | Study | str | None, Self]:
        """Return what is given, or what the settings make in its place, and the request of that.

        Parameters
        ----------
        given
            A study, or None.
        are_options
            Whether settings are named as options of the command line.

        Raises
        ------
        ProtocolError
            If a study is given, and settings that make one too.
        """
        if given is None:
            return self.made()
        if self.making:
            name = option_name(self.making[0]) if are_options else self.making[0]
            what = "a study file" if are_options else "a study"
            raise ProtocolError(
                f"{name} is for a question without {what}, and one is given; change it there."
            )
        return given, self

    def made(self) -> tuple[Study | str | None, Self]:
        """Return what the settings make, and the request of it; None where they make nothing."""
        return None, self


@dataclass(frozen=True, kw_only=True)
class MadeInduced(MadeRat):
    """Base of requests that may make a study of untreated rats.

    Examples
    --------
    >>> study, _ = MadeInduced(rat="da", until=20).made()
    >>> study.rat.name, study.design.until, [arm.name for arm in study.design.arms]
    ('da', 20, ['untreated'])
    """

    induction: MaybeText = Setting(
        optional(choice("kind of induction", tuple(STRAINS))),
        None,
        "Induction that days count from, without a study file: immunisation, or relapse, which is induced "
        f"without adjuvant on day {RELAPSE_DAY}; default: immunisation.",
        is_in_file=False,
    )
    until: MaybeCount = Setting(
        _last_day(),
        None,
        "Last day, without a study file; default: 40, around a relapse 65.",
        is_in_file=False,
    )

    @property
    def around(self) -> str:
        """The induction that days count from."""
        return self.induction or "immunisation"

    @property
    def origin(self) -> int:
        """Its day."""
        return RELAPSE_DAY if self.around == "relapse" else 0

    def made(self) -> tuple[Study | None, Self]:
        """Return the study that the settings make, and the request of it; None where none is given."""
        return (self.study() if self.making else None), self

    def study(self, *treated: Arm) -> Study:
        """Return the study of untreated rats, and of treated ones."""
        return Study(
            default_rat(STRAINS[self.around]) if self.rat is None else self.rat,
            until=UNTIL[self.around] if self.until is None else self.until,
            inductions=[Immunisation(), *([Relapse(RELAPSE_DAY)] if self.origin else [])],
            arms=[Arm(UNTREATED), *treated],
        )


@dataclass(frozen=True, kw_only=True)
class MadeStudy(MadeInduced):
    """Base of requests that may make a study of doses on days, an arm each beside untreated rats.

    Examples
    --------
    >>> study, _ = MadeStudy(dose="1 g/kg", day=[0, "onset"]).made()
    >>> print(*(arm.name for arm in study.design.arms), sep="; ")
    untreated; 1 g/kg on day 0; 1 g/kg at onset of signs
    """

    dose: MaybeDoses = Setting(
        _doses(),
        None,
        "Dose of a study without a file, or several, an arm each beside untreated rats; default: 1 g/kg.",
        is_in_file=False,
    )
    day: MaybeMoments = Setting(
        _moments(),
        None,
        "Day of the dose, without a study file, or several, an arm each: 0,7 or -7:14, or onset, for onset "
        "of signs; default: 0.",
        is_in_file=False,
    )

    @property
    def doses(self) -> tuple[Dose, ...]:
        """The doses."""
        return self.dose or (read_dose("1 g/kg"),)

    def made(self) -> tuple[Study | None, Self]:
        """Return the study that the settings make, and the request of it; None where none is given."""
        if not self.making:
            return None, self
        arms = [
            Arm(f"{_what(dose)} {self._when(moment, dose)}", self.given(dose, moment))
            for dose in self.doses
            for moment in self.day or (0.0,)
        ]
        return self.study(*arms), self

    def given(self, dose: Dose, moment: Moment) -> Regimen:
        """Return a dose that is given on a day after the induction, or at onset.

        Raises
        ------
        ProtocolError
            If it is given at onset, and timed by a relapse.
        """
        if isinstance(moment, float):
            return dose.at(day=self.origin + moment)
        if self.origin:
            raise ProtocolError(
                "day onset is the first sign of disease, before the relapse is induced; around a relapse "
                "give days, such as 0."
            )
        return dose.at(onset="score >= 1")

    def _when(self, moment: Moment, dose: Dose) -> str:
        first, when = "at", f"{moment} of signs"
        if isinstance(moment, float) and not self.origin:
            first, when = "on", f"day {number_text(moment)}"
        elif isinstance(moment, float) and not moment:
            when = "relapse induction"
        elif isinstance(moment, float):
            side = "before" if moment < 0 else "after"
            unit = "day" if abs(moment) == 1 else "days"
            first, when = "", f"{number_text(abs(moment))} {unit} {side} relapse induction"
        return f"from {when}" if dose.doses > 1 else f"{first} {when}".lstrip()
