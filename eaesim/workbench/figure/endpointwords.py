"""Names of endpoints and of effects on them, which say whether they count death."""

from __future__ import annotations

from eaesim.endpoints import endpoint

#: What an effect on an endpoint prevents, where the title of the endpoint does not say it.
PREVENTED = {
    "incidence": "disease",
    "mortality": "deaths",
    "relapse_incidence": "relapses",
    "demyelination_end": "demyelination",
    "cns_inflammation_peak": "peak inflammation",
    "duration": "days with signs",
}


def effect_words(name: str, *, dead: str = "score") -> str:
    """Return the name of the effect on an endpoint, which says whether it counts death.

    Examples
    --------
    >>> effect_words("peak_score"), effect_words("relapse_incidence")
    ('peak score (death = 5) prevented (%)', 'relapses prevented (%)')
    """
    found = endpoint(name)
    window = f", {found.window.words()}" if found.window is not None else ""
    what = PREVENTED.get(found.whole)
    return f"{counted_words(name, dead=dead) if what is None else what + window} prevented (%)"


def counted_words(name: str, *, dead: str = "score") -> str:
    """Return the title of an endpoint, which says whether it counts death.

    Examples
    --------
    >>> counted_words("cumulative_score"), counted_words("cumulative_score", dead="carry")
    ('cumulative score (death = 5)', 'cumulative score')
    """
    found = endpoint(name)
    counts = found.unit in ("score", "score day") and dead == "score"
    return f"{found.title}{' (death = 5)' if counts else ''}"


def shortened(name: str, words: int) -> str:
    """Return the first words of a name.

    Examples
    --------
    >>> shortened("IVIG at first signs", 3)
    'IVIG at first …'
    """
    first = " ".join(name.split()[:words])
    return first if first == name else f"{first} …"
