"""Settings of the search for experiments that would tell mechanisms apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from eaesim.errors import ProtocolError
from eaesim.protocol.kinds import MaybeTexts, Text, choice, listed, optional
from eaesim.protocol.settings import Kind, Setting
from eaesim.workbench.ensembles import PopulationRequest, mechanism_kind


def _mechanisms() -> Kind[Iterable[str], tuple[str, ...]]:
    every = listed(mechanism_kind(), least=2)
    return replace(every, schema={**every.schema, "examples": [["H1a", "H7"]]})


@dataclass(frozen=True, kw_only=True)
class DiscriminateRequest(PopulationRequest):
    """Rank experiments that a laboratory could run by what they are expected to tell about the mechanism.

    Each mechanism of IVIG gets its strength from published data, in every parameter set; those of another
    drug have the strength that its file gives. Designs that repeat a published experiment are listed apart.
    Writes discriminate.csv and the figure. A file with a
    [discriminate] table may give the settings; options override it.

    Examples
    --------
    >>> DiscriminateRequest(mechanism=["H1a", "H7"]).changed()
    {'mechanism': ['H1a', 'H7']}
    """

    table = "discriminate"
    title = "Experiments that would tell mechanisms apart"

    mechanism: MaybeTexts = Setting(
        optional(_mechanisms()),
        None,
        "Mechanisms to tell apart; default: each single one.",
        formerly=("mechanisms",),
    )
    prior: Text = Setting(
        choice("prior", ("equal", "score")),
        "equal",
        "Probability of the mechanisms beforehand: equal, or score (as calibration and validation data say).",
    )

    def check_drug(self) -> None:
        """Make sure of the drug, and that there are two mechanisms, and rows for a prior from scores.

        Raises
        ------
        EaesimError
            If that is not so.
        """
        super().check_drug()
        if len(self.asked()) < 2:
            raise ProtocolError(f"{self.drug} has one mechanism, {self.asked()[0]}; two can be told apart.")
        if self.prior == "score" and not self.of_ivig:
            raise ProtocolError(f'prior "score" is from findings on IVIG; of {self.drug} write "equal".')
