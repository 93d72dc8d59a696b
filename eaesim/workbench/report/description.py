"""What a run simulated, in words: from its settings, which its manifest keeps."""

from __future__ import annotations

import re
from collections.abc import Mapping

from eaesim.endpoints import DEAD_RULES, dead_rule, endpoint
from eaesim.errors import EaesimError
from eaesim.files import Content
from eaesim.model import MECHANISMS
from eaesim.protocol import Arm, Design
from eaesim.protocol.regimen import Given
from eaesim.protocol.studyfile import parse_study_file
from eaesim.workbench.question import asked_by
from eaesim.workbench.report.folder import RunFolder
from eaesim.workbench.report.rats import RunRat

# Hash of settings, a file or an ensemble: it identifies them, and is of no use to a reader.
_FINGERPRINT = re.compile(r"[0-9a-f]{32,128}")
_NO_SENTENCE = "See the figures and tables below."


def title(run: RunFolder) -> str:
    """Return the title of the page."""
    question = asked_by(run.verb)
    return f"Result of eaesim {run.verb}" if question is None else question.title


def sentence(run: RunFolder) -> str:
    """Return the result in one plain sentence: the one that the run left, or one read from its tables."""
    if run.sentence:
        return run.sentence
    question = asked_by(run.verb)
    return (question and question.sentence(run.folder)) or _NO_SENTENCE


def study_text(run: RunFolder) -> str:
    """Return the study file that was run; empty where the settings hold none."""
    text = run.settings.get("study")
    return text if isinstance(text, str) else ""


def simulated(run: RunFolder, rats: list[RunRat]) -> list[tuple[str, str]]:
    """Return what was simulated as terms with their values."""
    settings, design, own = run.settings, run_design(run), asked_by(run.verb)
    mechanism = settings.get("mechanism", None if design is None else design.mechanism)
    found = [
        ("Rats", _rats(rats)),
        ("Animals", _animals(run)),
        ("Seed", words(settings.get("seed"))),
        ("Mechanism", _mechanism(mechanism)),
    ]
    found += own.terms(settings) if own else []
    if design is not None:
        found += [
            ("Days", f"0 to {design.until}, both included"),
            ("Inductions", "; ".join(map(str, design.inductions)) or "none"),
            ("Control", design.control),
            ("Windows", "; ".join(endpoint(name).title for name in design.endpoints)),
        ]
    dead = settings.get("dead")
    found += [
        ("The dead", DEAD_RULES[dead_rule(dead, is_kept=True)] if isinstance(dead, str) else ""),
        ("Data file", words(settings.get("file"))),
        ("Solver", _engine(settings.get("engine"))),
    ]
    return [(term, text) for term, text in found if text]


def arms(run: RunFolder) -> list[tuple[str, str]]:
    """Return the arms of the study by name, each with what its rats are given and when."""
    design = run_design(run)
    if design is None:
        return []
    return [(arm.name, _arm_words(arm)) for arm in design.arms]


def _arm_words(arm: Arm) -> str:
    parts = [_given(row) for row in arm.regimen.table()] or ["no dose"]
    if arm.inductions is not None:
        parts.append(f"its own inductions: {'; '.join(map(str, arm.inductions)) or 'none'}")
    if arm.parameters:
        given = ", ".join(f"{name} = {value}" for name, value in arm.parameters)
        parts.append(f"its own parameters: {given}")
    return "; ".join(parts)


def plain_settings(run: RunFolder) -> list[tuple[str, str]]:
    """Return every setting by name, in words, without fingerprints and without the study file."""
    given = {name: words(value) for name, value in run.settings.items() if name != "study"}
    return [(name.replace("_", " "), text) for name, text in given.items() if text]


def words(value: Content) -> str:
    """Return a value of a manifest as plain text; ``""`` for none, and for a fingerprint.

    Examples
    --------
    >>> words([{"rat": "da", "members": 20, "ensemble": 64 * "a"}, None, True, 0.5])
    'rat: da, members: 20; yes; 0.5'
    >>> words({"lewis": 64 * "a", "da": 64 * "b"})
    'lewis, da'
    """
    if value is None or (isinstance(value, str) and _FINGERPRINT.fullmatch(value)):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        if value and all(isinstance(each, str) and _FINGERPRINT.fullmatch(each) for each in value.values()):
            return ", ".join(map(str, value))
        named = {str(name).replace("_", " "): words(each) for name, each in value.items()}
        return ", ".join(f"{name}: {text}" for name, text in named.items() if text)
    if isinstance(value, list | tuple):
        parts = [words(each) for each in value]
        mark = "; " if any(isinstance(each, Mapping | list | tuple) for each in value) else ", "
        return mark.join(part for part in parts if part)
    return f"{value:g}" if isinstance(value, float) else str(value)


def run_design(run: RunFolder) -> Design | None:
    """Return what was done, as far as the settings hold a study file; None without one."""
    try:
        return parse_study_file(study_text(run)).design if study_text(run) else None
    except EaesimError:  # written by another version; the page shows it unchanged
        return None


def _rats(rats: list[RunRat]) -> str:
    def named(one: RunRat) -> str:
        title = f"{one.name} ({one.rat.title})" if one.rat else one.name
        if one.members > 1:
            return f"{title}, {one.members} members of its ensemble"
        return f"{title}, typical parameter set" if one.members == 1 else title

    return "; ".join(map(named, rats))


def _animals(run: RunFolder) -> str:
    own = asked_by(run.verb)
    if own is not None and (text := own.animals(run.settings)):
        return text
    try:
        animals = run.settings.get("animals") or parse_study_file(study_text(run)).animals
    except EaesimError:
        return ""
    return f"{animals}, the same virtual rats in every arm" if isinstance(animals, int) else ""


def _mechanism(given: Content) -> str:
    def named(name: Content) -> str:
        parts = [MECHANISMS[part].title for part in str(name).split("+") if part in MECHANISMS]
        return f"{name} ({' and '.join(parts)})" if parts else str(name)

    return "; ".join(map(named, ([] if given is None else given if isinstance(given, list) else [given])))


def _given(row: Given) -> str:
    when = f"day {row.day:g}" if row.day is not None else str(row.trigger)
    if row.day is None:
        when = (
            f"{row.after:g} days after the first day of {row.trigger}" if row.after else f"at {row.trigger}"
        )
    over = f" over {row.over:g} days" if row.over else ""
    from eaesim.protocol.quantity import dose_text

    return f"{dose_text(row.amount)} of {row.drug} ({row.route}){over}, {when}"


def _engine(engine: Content) -> str:
    names = {
        "lanes": "lanes: compiled, several rats at once",
        "reference": "reference: SciPy's DOP853, and Radau where a rat is stiff",
    }
    return names.get(str(engine), words(engine))
