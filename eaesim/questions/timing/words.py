"""A timing in words."""

from __future__ import annotations

from eaesim.files import Unchecked

CAPTION = (
    "Effect of one dose against the day it is given: 1 - treated/control, in percent. A line is "
    "solid, or has a dot, where an experiment was done on that day. Findings without a number stand above "
    "the axes. What has no panel is in the table."
)
METHODS = (
    "Around a relapse, treated and control are the excess over the same rats not induced again, so that "
    "spontaneous bouts do not count. Where the mean excess of the controls is too small to be lowered, the "
    "effect is left empty."
)


def terms(settings: Unchecked) -> list[tuple[str, str]]:
    """Return what was given and when, from the settings of a manifest, as terms with what holds for each.

    Examples
    --------
    >>> dict(terms({"dose": ["1 g/kg"], "days": [0.0], "induction": "relapse"}))["Days of dosing"]
    '0, counted from relapse induction'
    """
    # It was called "around" until version 0.1.
    where = settings.get("induction", settings.get("around", ""))
    around = {"both": "immunisation and relapse induction", "relapse": "relapse induction"}.get(where, where)
    doses, days = settings.get("dose"), settings.get("days")
    of = f" of {settings['drug']}" if settings.get("drug", "ivig") != "ivig" else ""
    return [
        ("Treatment", f"one dose of {' or '.join(doses)}{of}, against none" if doses else ""),
        (
            "Days of dosing",
            f"{', '.join(f'{day:g}' for day in days)}{around and f', counted from {around}'}" if days else "",
        ),
    ]
