"""A dose whose right day is not known, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eaesim.protocol.studyfile import parse_study_file

CAPTION = "Effect against the days by which a dose comes early or late. A prediction."
METHODS = (
    "Treated and control are the excess over the same rats not induced again. A repeated dose is given from "
    "four weeks before the relapse to two weeks after its induction, in four phases of each interval."
)


def animals(settings: Mapping[str, Any]) -> str:
    """Return which animals were simulated, from the settings of a manifest."""
    return f"{parse_study_file(settings['study']).animals}, the same virtual rats in every arm"
