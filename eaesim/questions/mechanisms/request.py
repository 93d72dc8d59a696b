"""What mechanisms are held to the findings with."""

from __future__ import annotations

from dataclasses import dataclass

from eaesim.protocol.dose import parse_dose
from eaesim.protocol.kinds import MaybeNamed, MaybeTexts, listed, optional, text
from eaesim.protocol.settings import Setting
from eaesim.protocol.tablekinds import assignments
from eaesim.workbench.ensembles import PopulationRequest, mechanism_kind


def _dose(value: str) -> str:
    parse_dose(value)
    return value


@dataclass(frozen=True, kw_only=True)
class MechanismsRequest(PopulationRequest):
    """Give each mechanism its strength by the calibrating rows, and hold it to every finding.

    Writes rows.csv (every row of tables A, B and E, those on untreated rats and on other drugs among them:
    published, predicted, verdict, or why it is not simulated), mechanisms.csv (finding by mechanism: agrees,
    disagrees, inconclusive), validation.csv (findings that no fit has seen), ranking.csv and the figures. A
    file with a [mechanisms] table may give the settings; options come before it.

    Examples
    --------
    >>> MechanismsRequest(mechanism=["H1a"], given={"A1": "0.2 g/kg every 1 day x 5"}).changed()
    {'mechanism': ['H1a'], 'given': {'A1': '0.2 g/kg every 1 day x 5'}}
    """

    table = "mechanisms"
    title = "Mechanisms against published findings"

    mechanism: MaybeTexts = Setting(
        optional(listed(mechanism_kind())), None, "Mechanisms; default: each, and every pair (H1a+H2)."
    )
    given: MaybeNamed = Setting(
        optional(
            assignments(text(_dose), example={"A1": "0.2 g/kg every 1 day x 5"}, metavar="FINDING=DOSE")
        ),
        None,
        'Dose that the rats of a finding were given, such as "A1=0.2 g/kg every 1 day x 5"; default: 1 g/kg '
        "where not stated.",
    )
