"""Settings of the comparison of mechanisms with the findings."""

from __future__ import annotations

from dataclasses import dataclass

from eaesim.errors import ProtocolError
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
    """Estimate the strength of each mechanism from the calibration data, and compare it with every finding.

    Writes rows.csv (every row of tables A, B and E, those on untreated rats and on other drugs among them:
    published, predicted, verdict, or why it is not simulated), mechanisms.csv (finding by mechanism: agrees,
    disagrees, inconclusive), validation.csv (findings that no fit has seen), ranking.csv and the figures. A
    file with a [mechanisms] table may give the settings; options override it.

    Mechanisms of another drug have the strength that its file gives. They are not compared with findings on
    IVIG: what each predicts of the same rats, days and read-outs is in predictions.csv.

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

    def check_drug(self) -> None:
        """Make sure of the drug, and that doses of findings are those of IVIG.

        Raises
        ------
        EaesimError
            If that is not so.
        """
        super().check_drug()
        if self.given and not self.of_ivig:
            raise ProtocolError(f"given says what IVIG was dosed in findings; {self.drug} has dose alone.")
