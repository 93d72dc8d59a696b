"""Explanation of a published finding: who observed what, in which animals, and what it is used for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from eaesim.cli.labelled import Entries, Explanation, given
from eaesim.endpoints import ENDPOINTS
from eaesim.estimation.prior import DATA
from eaesim.estimation.target import read_targets
from eaesim.evidence import Finding
from eaesim.model.bibliography import source

_USE = {
    "calibrate": "to calibrate: parameters may be set by it",
    "validate": "to validate: the model is compared with it and never fitted to it",
    "shown": "shown with the model: neither fitted nor a test of it",
}
_WHEN = {
    "day 0": "on day 0, at induction",
    "therapeutic": "after first signs, day not stated",
    "during disease": "during disease, day not stated",
    "recipient": "to recipients of transferred cells, day not stated",
    "not stated": "day not stated",
}
# Spelling of words that findings have in small letters.
_SPELT = {
    word.casefold(): word
    for word in (
        *("IVIG", "FTY720", "FcRn", "TNF", "CAM", "anti-LFA-1", "anti-ICAM-1"),
        *("IgG", "MBP", "CNS", "SD", "T", "mL", "CD4", "CD8"),
    )
}


def explain_row(name: str, findings: Sequence[Finding]) -> Explanation:
    """Return one row: what is the same for all of its readings is given once, below them."""
    tables = [_finding(one) for one in findings]
    if len(findings) == 1:
        own = {key: text for key, text in tables[0].items() if key != "seen"}
        return Explanation(f"{findings[0].id}: {seen(findings[0])}", own)
    shared = {key: text for key, text in tables[0].items() if all(each.get(key) == text for each in tables)}
    readings = tuple(
        (
            one.id,
            seen(one),
            {key: text for key, text in table.items() if key not in shared and key != "seen"},
        )
        for one, table in zip(findings, tables, strict=True)
    )
    return Explanation(f"{name}: {len(findings)} readings", shared, readings)


def _finding(one: Finding) -> Entries:
    entries: Entries = {
        "seen": seen(one),
        "the ±": "SEM or SD: not stated" if one.error_kind == "not stated" else one.error_kind,
        "ratio": f"{one.ratio:.2g} of the control" if one.treated is not None and one.ratio else "",
        "setting" if one.strain == "human" else "animals": one.setting,
        "number": str(one.animals or "not stated") if one.animals or one.measure != "direction" else "",
        "given": _given(one),
        "speaks": f"{one.stance} {', '.join(one.mechanism)}" if one.mechanism else "",
        "rests on": ", ".join(one.refers),
        "use": _USE[one.use],
        "in the fit": _fitted().get(one.id, ""),
        "note": one.note,
        "source": [line for key in one.key for line in cited(key)] or "derived from those rows",
    }
    return given(entries)


def seen(one: Finding) -> str:
    """Return what was measured and what was found."""
    words = _spelt(one.endpoint.replace("_", " "))
    plain = words.removesuffix(" day") if one.unit == "day" else words  # "remission, day 16"
    endpoint = ENDPOINTS[one.endpoint].title if one.endpoint in ENDPOINTS else plain
    return ", ".join(part for part in (endpoint, one.text) if part)


def _given(one: Finding) -> str:
    if not one.drug:
        return "nothing: untreated" if one.when == "untreated" else ""
    when = f"from day {one.day:g} on" if one.when == "from day" else _WHEN.get(one.when, "")
    dose = one.dose or "dose not stated"
    return ", ".join(part for part in (_spelt(one.drug), dose, when) if part)


def _spelt(text: str) -> str:
    return " ".join(_SPELT.get(word, word) for word in text.split(" "))


def cited(key: str) -> list[str]:
    """Return the citation of a source, which parts were read, and notes on it."""
    one = source(key)
    return [f"{key}: {one.text}", f"read: {one.read}. {one.note}".strip()]


@cache
def _fitted() -> Mapping[str, str]:
    """Return for each calibrating finding how the fit uses it, or why it does not."""
    words: dict[str, str] = {}
    for path, tables in (
        ("targets.toml", ("A", "B", "E")),
        ("kinetics.toml", ("C",)),
        ("kinetics_human.toml", ("P",)),
    ):
        used, left_out = read_targets(DATA / path, tables=tables)
        for target in filter(lambda each: each.finding, used):
            place = f" of {target.experiment.replace('_', ' ')}" if target.experiment else ""
            why = f" ({target.why})" if target.why else ""
            now = f"{target.reading.replace('_', ' ')}{place}{why}"
            words[target.finding] = "; ".join(part for part in (words.get(target.finding), now) if part)
        for name, why in left_out.items():
            # A1 and A4 are not left out of every fit: they set the strengths.
            words[name] = why if why.startswith("estimates") else f"left out: {why}"
    return words
