"""What a laboratory's scores say: endpoints of every animal, means of arms, tests against the control."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from eaesim.endpoints.tests import GroupTest
from eaesim.evidence.laboratoryendpoints import LaboratoryEndpoints
from eaesim.evidence.laboratorytables import animals_table, means_table, tests_table
from eaesim.evidence.laboratorytests import all_tests

if TYPE_CHECKING:
    import pandas as pd


class LaboratoryResult(LaboratoryEndpoints):
    """Endpoints and statistics of a laboratory's scores, in the units of its file.

    Its fields are those of `eaesim.evidence.laboratoryendpoints.LaboratoryEndpoints`: the scores, the rules
    for the dead and the lost, and the lowest score that is a sign.
    """

    @cached_property
    def tests(self) -> Mapping[tuple[str, str, str], GroupTest]:
        """Every test by arm, name of the test, and endpoint (`eaesim.evidence.laboratorytests.all_tests`)."""
        return all_tests(self)

    def animals_table(self) -> pd.DataFrame:
        """Return a row for every animal (`eaesim.evidence.laboratorytables.animals_table`)."""
        return animals_table(self)

    def table(self) -> pd.DataFrame:
        """Return means and differences from the control (`eaesim.evidence.laboratorytables.means_table`)."""
        return means_table(self)

    def tests_table(self) -> pd.DataFrame:
        """Return a row for every test (`eaesim.evidence.laboratorytables.tests_table`)."""
        return tests_table(self, self.tests)
