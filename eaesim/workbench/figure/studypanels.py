"""Panels of a study's figure: arms that were induced alike share axes, up to four of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from eaesim.endpoints.groups import counted_band
from eaesim.evidence.findings import load_findings
from eaesim.evidence.setting import Setting, arm_setting, concerns, given_doses, untreated_arm
from eaesim.model.pharmacy import load_drug
from eaesim.protocol import Arm
from eaesim.protocol.dose import STUDIED_DRUG
from eaesim.protocol.timeline import induction_events
from eaesim.study import Result
from eaesim.workbench.figure.course import Course, is_same
from eaesim.workbench.figure.dosing import dosings
from eaesim.workbench.figure.grid import LETTERS, Grid
from eaesim.workbench.figure.page import IVIG, MEAN, MECHANISM_COLOURS, MECHANISM_DASHES, OTHER_DRUG, VEHICLE
from eaesim.workbench.figure.words import rat_words

#: Treated arms that share axes with their control.
MOST_TREATED = 3
# The untreated line lies pale below the others; those of one drug grow darker.
UNTREATED, UNTREATED_WIDTH, SAME_WIDTH = "#949494", 2.2, 1.0
_DARKER = (1.0, 0.55, 0.15)
INDUCTIONS = {"immunisation": "immunisation", "transfer": "transfer", "relapse": "relapse induction"}


@dataclass(frozen=True)
class Treatment:
    """An arm with its place in the figure.

    Attributes
    ----------
    arm, control
        The arm, and the one that it is compared with; None for an arm that others are compared with.
    kind
        Drug and mechanism; empty for untreated rats.
    setting
        What was done, as published findings say it.
    colour, rank
        Its colour, and its place among the arms of its panel.
    """

    arm: Arm
    control: Arm | None
    kind: tuple[str, ...]
    setting: Setting
    colour: str = VEHICLE
    rank: int = 0

    @cached_property
    def is_tested(self) -> bool:
        """Whether an experiment was done like this, or nothing is given."""
        setting = self.setting
        return not self.kind or any(
            finding.drug == setting.drug
            and concerns(finding, setting)
            and not finding.other_strain(setting.strain)
            for finding in load_findings()
        )


@dataclass(frozen=True)
class Panel:
    """Arms on the same axes.

    Attributes
    ----------
    title
        What they have in common.
    treatments
        The control first, where there is one.
    """

    title: str
    treatments: tuple[Treatment, ...]


def treatments(result: Result) -> list[Treatment]:
    """Return every arm with the one it is compared with: the same rats without the doses, or the control."""
    design, found = result.design, []
    partners = {arm.name: untreated_arm(arm, design=design) for arm in design.arms if given_doses(arm)}
    control = design.arms[result.place(design.control)]
    compared = {design.control, *(partner.name for partner in partners.values() if partner)}
    for arm in design.arms:
        drugs = tuple(sorted({line.dose.drug for line in given_doses(arm)}))
        mechanism = (arm.mechanism_or(design.mechanism),) if STUDIED_DRUG in drugs else ()
        own = partners.get(arm.name) or control
        setting = arm_setting(
            arm, design=design, strain=result.rat.strain, triggered=result.simulation.triggered
        )
        is_control = arm.name in compared and not drugs
        found.append(Treatment(arm, None if is_control else own, (*drugs, *mechanism), setting))
    return found


def panels(result: Result) -> list[Panel]:
    """Return the panels: arms with the same inductions and parameters, by drug and mechanism.

    Where IVIG acts by several mechanisms, each has its colour.
    """
    groups: dict[tuple[tuple[str, ...], tuple[tuple[str, float | str], ...]], list[Treatment]] = {}
    arms = treatments(result)
    is_mixed = len({one.kind[-1] for one in arms if STUDIED_DRUG in one.kind}) > 1
    for one in arms:
        inductions = tuple(sorted(map(repr, result.design.inductions_of(one.arm))))
        groups.setdefault((inductions, one.arm.parameters), []).append(one)
    found = []
    for group in groups.values():
        # The control of its group stands in each of its panels.
        untreated = [one for one in group if not one.kind]
        first = min(untreated, key=lambda one: one.control is not None, default=None)
        others = [one for one in group if one is not first]
        kinds = list(dict.fromkeys(one.kind for one in others)) or [()]
        for kind in kinds:
            own = [one for one in others if one.kind == kind]
            for start in range(0, max(len(own), 1), MOST_TREATED):
                shown = own[start : start + MOST_TREATED]
                title = _title(result, first, shown, many=(len(groups) > 1, len(kinds) > 1))
                found.append(Panel(title, _coloured(first, shown, is_mixed=is_mixed)))
    return found


def _title(
    result: Result, first: Treatment | None, shown: Sequence[Treatment], *, many: tuple[bool, bool]
) -> str:
    parts = []
    if many[0]:
        parts.append((first or shown[0]).arm.name)
    if many[1] and shown:
        parts.append(kind_words(shown[0].kind))
    if not parts:
        alone = first or shown[0]
        parts = [rat_words(result.rat)] if first and shown else [rat_words(result.rat), alone.arm.name]
    dosed = [one for one in shown if one.kind]
    prediction = ": PREDICTION" if dosed and not any(one.is_tested for one in dosed) else ""
    return f"{', '.join(parts)}{prediction}"


def kind_words(kind: Sequence[str]) -> str:
    """Return drug and mechanism in words.

    Examples
    --------
    >>> kind_words(("ivig", "H1a")), kind_words(())
    ('IVIG, H1a', 'untreated')
    """
    if not kind:
        return "untreated"
    drugs = kind[:-1] if STUDIED_DRUG in kind else kind
    names = ["IVIG" if one == STUDIED_DRUG else _drug_words(one) for one in drugs]
    return ", ".join([*names, *kind[len(drugs) :]])


def _drug_words(name: str) -> str:
    drug = load_drug(name)
    return f"{drug.title}{' (assumed)' if drug.source == 'assumed' else ''}"


def _coloured(
    first: Treatment | None, shown: Sequence[Treatment], *, is_mixed: bool
) -> tuple[Treatment, ...]:
    """Return the arms of a panel with their colours."""
    # Untreated rats alone are not the background of others.
    found = [replace(first, colour=UNTREATED if shown else VEHICLE)] if first else []
    for rank, one in enumerate(shown):
        colour = _darker(_base(one.kind, is_mixed=is_mixed), _DARKER[rank])
        found.append(replace(one, colour=colour, rank=rank))
    return tuple(found)


def _base(kind: Sequence[str], *, is_mixed: bool) -> str:
    if not kind:
        return VEHICLE
    if kind[0] != STUDIED_DRUG or len(kind) > 2:
        return OTHER_DRUG
    return MECHANISM_COLOURS.get(kind[1], IVIG) if is_mixed else IVIG


def _darker(colour: str, share: float) -> str:
    from matplotlib.colors import to_hex, to_rgb

    red, green, blue = to_rgb(colour)
    return to_hex((share * red, share * green, share * blue))


def courses(result: Result, panel: Panel, *, group: int) -> list[Course]:
    """Return the courses of a panel, with the range of groups of so many rats for two of them."""
    found: list[Course] = []
    few = len(panel.treatments) <= 2
    for one in panel.treatments:
        counts = result.counts(one.arm.name)
        course = Course(
            one.arm.name,
            result.days,
            counts.living(),
            dosings(result, one.arm),
            colour=one.colour,
            dash="-" if one.is_tested else MECHANISM_DASHES["H1a"],
            width=UNTREATED_WIDTH if one.colour == UNTREATED else MEAN,
            is_filled=one.rank == 0,
            has_animals=few,
            inductions=_later_inductions(result, one.arm),
        )
        is_covered = bool(found) and is_same(course, found[0])
        if is_covered:
            course = replace(course, width=SAME_WIDTH, has_animals=False, same_as=found[0].name)
        elif sum(each.band is not None for each in found) < 2:
            band = counted_band(counts, animals=group)
            course = replace(course, band=band, has_outline=bool(found))
        found.append(course)
    return found


def _later_inductions(result: Result, arm: Arm) -> tuple[tuple[float, str], ...]:
    return tuple(
        (float(one.day), INDUCTIONS[one.kind])
        for one in result.design.inductions_of(arm)
        if one.day > 0 and induction_events([one])
    )


def event_words(result: Result, panel: Panel) -> str:
    """Return what day 0 of a panel is; empty where no disease is induced."""
    inductions = result.design.inductions_of(panel.treatments[0].arm)
    return next((INDUCTIONS[one.kind] for one in inductions if one.day == 0 and induction_events([one])), "")


def study_grid(result: Result, shown: Sequence[Panel], *, group: int) -> Grid:
    """Return the grid of a study's panels; empty where they are too many for a page."""
    shown = shown if len(shown) < len(LETTERS) else ()
    return Grid(
        tuple(panel.title for panel in shown),
        tuple(tuple(courses(result, panel, group=group)) for panel in shown),
        tuple(event_words(result, panel) for panel in shown),
    )
