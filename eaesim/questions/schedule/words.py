"""A comparison of schedules in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eaesim.protocol.studyfile import parse_study_file

CAPTION = "Schedules side by side on the same rats. Repeated schedules are a prediction."
METHODS = (
    "Schedules that give IVIG more than once are also run in rats that make antibodies against the given "
    "IgG: an assumed extra clearance."
)


def animals(settings: Mapping[str, Any]) -> str:
    """Return which animals were simulated, from the settings of a manifest."""
    return f"{parse_study_file(settings['study']).animals}, the same virtual rats in every arm"
