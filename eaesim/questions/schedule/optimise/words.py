"""The best schedule in words."""

from __future__ import annotations

from eaesim.files import Unchecked

PICTURE = "optimum"
CAPTION = "The best schedule found, and how flat the optimum is. A prediction."
MORE_CAPTIONS = {
    "optimum_front": "The best effect for less of the drug in all, and for fewer doses, on fresh animals."
}
METHODS = (
    "Schedules were searched on some rats (CMA-ES, then single changes), the best was chosen on others, and "
    "it is reported on fresh ones."
)


def animals(settings: Unchecked) -> str:
    """Return which animals were simulated, from the settings of a manifest."""
    return f"{settings['animals']} fresh virtual rats for the report, the same under every schedule"
