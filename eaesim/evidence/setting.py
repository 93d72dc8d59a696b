"""The experimental setting of a group of rats, and the published findings in comparable settings."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from eaesim.endpoints import Floats
from eaesim.evidence.findings import load_findings
from eaesim.evidence.record import Finding
from eaesim.protocol import Arm, Design
from eaesim.protocol.donors import harvests
from eaesim.protocol.dose import STUDIED_DRUG
from eaesim.protocol.induction import Induction, Transfer
from eaesim.protocol.quantity import quantity
from eaesim.protocol.regimen import DoseLine

# Range of published single doses, mg/kg; a paper that states no dose is assumed to lie within.
PUBLISHED_DOSES = (400.0, 2000.0)
# Days after which an attack is over in published courses, by kind of induction.
SHORTEST = {"immunisation": 18, "transfer": 8, "relapse": 18}
PREDICTION = "no published finding on a dose around a relapse: a prediction"


@dataclass(frozen=True, kw_only=True)
class Setting:
    """The experimental setting of a group of rats.

    Attributes
    ----------
    strain
        Strain of the rats.
    induction
        ``"immunisation"`` or ``"transfer"``; ``"relapse"`` if disease is induced a second time.
    adjuvant
        Adjuvant of that induction; ``""`` with transferred cells.
    drug
        Name of the drug; ``""`` for untreated rats.
    dose
        Amount of one dose in mg/kg.
    day
        Day of the first dose, relative to that induction. Of a dose triggered by a sign, the day from which
        95 % of these doses were given; None where that is not known.
    therapeutic
        Whether it is given after the onset of signs.
    apart
        Why no published finding applies; ``""`` where one may.
    """

    strain: str
    induction: str = ""
    adjuvant: str = ""
    drug: str = ""
    dose: float = 0.0
    day: float | None = None
    therapeutic: bool = False
    apart: str = ""


def arm_setting(
    arm: Arm, *, design: Design, strain: str, triggered: Mapping[tuple[str, int], Floats] | None = None
) -> Setting:
    """Return the setting of one arm of a design.

    Parameters
    ----------
    arm, design
        The arm, and its design.
    strain
        Strain of the rats.
    triggered
        Days of triggered doses in each rat, by arm and line of its regimen, where the design was run.

    Examples
    --------
    >>> from eaesim.protocol import Bolus, Immunisation
    >>> arms = [Arm("vehicle"), Arm("late", Bolus("1 g/kg").at(onset="score >= 1"))]
    >>> setting = arm_setting(arms[1], design=Design(40, [Immunisation()], arms), strain="da")
    >>> setting.induction, setting.drug, setting.dose, setting.therapeutic
    ('immunisation', 'ivig', 1000.0, True)
    """
    inductions = sorted(design.inductions_of(arm), key=lambda induction: induction.day)
    relapses = [induction for induction in inductions if induction.kind == "relapse"]
    doses = given_doses(arm)
    apart = _apart(inductions, doses)
    if not apart and design.until < SHORTEST[inductions[0].kind]:
        apart = "the study ends before the attack is over"
    if doses and not apart and untreated_arm(arm, design=design) is None:
        apart = "there is no untreated arm with the same inductions"
    chosen = next(iter(relapses or inductions), None)
    first = doses[0] if doses else None
    day = first.day if first else None
    if first is not None and first.trigger is not None:
        days = (triggered or {}).get((arm.name, arm.regimen.lines.index(first)), np.empty(0))
        given = np.sort(days[~np.isnan(days)])
        # All but the earliest twentieth of the doses were given from this day on.
        day = float(given[len(given) // 20]) if len(given) else None
    if day is not None and chosen is not None and chosen.kind == "relapse":
        day -= chosen.day
    return Setting(
        strain=strain,
        induction=chosen.kind if chosen else "",
        adjuvant="" if chosen is None or isinstance(chosen, Transfer) else chosen.adjuvant,
        drug=first.dose.drug if first else "",
        dose=first.dose.amount if first else 0.0,
        day=day,
        therapeutic=first is not None and first.trigger is not None,
        apart=apart,
    )


def given_doses(arm: Arm) -> list[DoseLine]:
    """Return the dose lines of an arm with a dose above 0."""
    return [line for line in arm.regimen.lines if line.dose.amount > 0]


def untreated_arm(arm: Arm, *, design: Design) -> Arm | None:
    """Return the arm that differs from this one only by its doses: preferably the control.

    Examples
    --------
    >>> from eaesim.protocol import Bolus, Transfer
    >>> arms = [Arm("vehicle"), Arm("cells", inductions=[Transfer()]),
    ...         Arm("cells, IVIG", Bolus("1 g/kg").at(day=0), inductions=[Transfer()])]
    >>> untreated_arm(arms[2], design=Design(40, [], arms)).name
    'cells'
    """
    own = sorted(map(repr, design.inductions_of(arm)))
    alike = [
        other
        for other in design.arms
        if not given_doses(other)
        and sorted(map(repr, design.inductions_of(other))) == own
        and other.parameters == arm.parameters
    ]
    return min(alike, key=lambda other: other.name != design.control, default=None)


def concerns(finding: Finding, setting: Setting) -> bool:
    """Return whether a finding is from a comparable setting; `mismatch` checks strain and dose.

    A drug other than IVIG is matched with any other such drug, so that the difference can be named.
    """
    if setting.apart or finding.adjuvant not in ("", "any", setting.adjuvant):
        return False
    # A whole course that includes a second induction is not comparable.
    if finding.induction != setting.induction and (finding.induction or setting.induction == "relapse"):
        return False
    if finding.when == "untreated" or not setting.drug:
        return finding.when == "untreated" and not setting.drug
    if STUDIED_DRUG not in (finding.drug, setting.drug):
        return True
    fits = {
        "day 0": setting.day == 0 and not setting.therapeutic,
        "from day": setting.day is not None and finding.day is not None and setting.day >= finding.day,
        "therapeutic": setting.therapeutic,
        "during disease": setting.therapeutic,
        "recipient": True,
    }
    return finding.drug == setting.drug and fits.get(finding.when, False)


def tested(*, induction: str, adjuvant: str, strain: str) -> bool:
    """Return whether any published experiment gave IVIG around such an induction, on any day.

    Examples
    --------
    >>> tested(induction="immunisation", adjuvant="complete", strain="da")
    True
    >>> tested(induction="relapse", adjuvant="complete", strain="da")
    False
    """
    return any(
        finding.drug == STUDIED_DRUG
        and finding.induction == induction
        and finding.adjuvant in ("", adjuvant)
        and not finding.other_strain(strain)
        for finding in load_findings()
    )


def is_prediction(setting: Setting) -> bool:
    """Return whether no published experiment has tested IVIG in this setting.

    Examples
    --------
    >>> from dataclasses import replace
    >>> dosed = Setting(strain="lewis", induction="immunisation", adjuvant="complete", drug="ivig", day=0.0)
    >>> is_prediction(dosed), is_prediction(replace(dosed, day=3.0))
    (False, True)
    """
    return setting.drug == STUDIED_DRUG and not any(
        finding.drug == STUDIED_DRUG
        and concerns(finding, setting)
        and not finding.other_strain(setting.strain)
        for finding in load_findings()
    )


def mismatch(finding: Finding, setting: Setting) -> str | None:
    """Return how these rats differ from those of a matching finding; None if they do not."""
    if finding.drug != setting.drug:
        return f"another drug ({finding.drug})"
    if finding.other_strain(setting.strain):
        return f"another strain ({finding.strain})"
    if not finding.adjuvant and setting.adjuvant in ("incomplete", "none"):
        return "the paper does not state its adjuvant; these rats did not have the usual, complete one"
    low, high = PUBLISHED_DOSES
    if setting.drug and not finding.dose and not low <= setting.dose <= high:
        return f"the paper does not state its dose, and {setting.dose / 1000:g} g/kg is not a usual one"
    if finding.dose and not math.isclose(quantity(finding.dose, "mg/kg", what="dose"), setting.dose):
        return f"another dose ({finding.dose})"
    return None


def _apart(inductions: Sequence[Induction], doses: Sequence[DoseLine]) -> str:
    again = [induction for induction in inductions if induction.kind == "relapse"]
    if not inductions:
        return "no disease is induced"
    if len(again) > 1 or len(inductions) - len(again) > 1:
        return "no published finding on this number of inductions"
    if harvests(inductions):
        return "the cells come from another arm of the study"
    if any(one.amount != 1 or (isinstance(one, Transfer) and one.cells is not None) for one in inductions):
        return "not the standard amount of antigen or cells"
    if len(doses) > 1:
        return "several dose lines: no published schedule is like it"
    if any(line.dose.doses > 1 for line in doses):
        return "repeated doses: no published schedule is like it"
    relapse_trigger = any(line.trigger is not None and line.trigger.kind == "relapse" for line in doses)
    return PREDICTION if relapse_trigger and not again else ""


def published_group(design: Design, *, strain: str) -> int | None:
    """Return how many animals a published group had that was treated like an arm of a design.

    Findings on treated animals come before those on untreated ones. None where no paper states a number, or
    where papers state several.

    Examples
    --------
    >>> published_group(Design(40, [], [Arm("healthy")]), strain="da") is None
    True
    """
    settings = [arm_setting(arm, design=design, strain=strain) for arm in design.arms]
    for is_dosed in (True, False):
        stated = {
            finding.animals
            for setting in settings
            for finding in load_findings()
            if bool(setting.drug) == is_dosed
            and finding.animals is not None
            and finding.strain == strain
            and concerns(finding, setting)
            and mismatch(finding, setting) is None
        }
        if stated:
            return stated.pop() if len(stated) == 1 else None
    return None
