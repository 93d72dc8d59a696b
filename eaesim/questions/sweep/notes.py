"""Notes on a sweep before it is run: what it changes, and what may be unintended."""

from __future__ import annotations

from collections.abc import Iterator

from eaesim.model import MECHANISMS, parse_mechanism
from eaesim.protocol.path import StudyPath, stated_value
from eaesim.protocol.quantity import number_text
from eaesim.protocol.values import Range, Value
from eaesim.questions.sweep.points import Points
from eaesim.questions.sweep.request import SOBOL
from eaesim.study import Study
from eaesim.study.change import change_study


def path_lines(study: Study, points: Points) -> list[str]:
    """Return a line for each path: which values it takes, and what the study says there now."""
    lines = []
    for path, values in points.values.items():
        ends = values.tried()
        number = f"{len(ends)} values, " if len(values.listed) > 1 else ""
        between = ends[0] if len(ends) == 1 else f"{ends[0]} to {ends[-1]}"
        lines.append(f"{path.text}: {number}{between}{_now(study, path)}")
    return lines


def _now(study: Study, path: StudyPath) -> str:
    if path.parameter:
        value = study.rat.entry(str(path.keys[1])).value
        if path.parameter != path.keys[1]:  # an IC50, which is one over the potency
            value = 1.0 / value if value else float("inf")
        return f"; now {value:g}"
    said = study.rat.name if path.keys == ("rat",) else stated_value(study.design, path)
    if said is None:
        return ""
    return f"; now {said if isinstance(said, str) else number_text(said)}"


def time_words(seconds: float) -> str:
    """Return a length of time in its largest fitting unit.

    Examples
    --------
    >>> time_words(0.2), time_words(90), time_words(9000), time_words(1e6)
    ('1 s', '90 s', '2.5 h', '11.6 days')
    """
    if seconds < 120:
        return f"{max(1, round(seconds))} s"
    if seconds < 7200:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.3g} h" if seconds < 172_800 else f"{seconds / 86_400:.3g} days"


def tried_values(points: Points) -> Iterator[tuple[StudyPath, Value]]:
    """Yield every value of every path; of a parameter's range only the ends, which represent the others."""
    for path, values in points.values.items():
        ends = path.parameter and isinstance(values, Range)
        for value in (values.at(0.0), values.at(1.0)) if ends else values.tried():
            yield path, value


def sweep_notes(study: Study, points: Points) -> list[str]:
    """Return a line for each thing that may be unintended."""
    return [*_bounds(study, points), *_idle(study, points), *_uneven(points)]


def _bounds(study: Study, points: Points) -> list[str]:
    """Return the warnings of the studies, one line per path."""
    own = set(study.warnings())
    found: dict[StudyPath, dict[str, None]] = {}
    for path, value in tried_values(points):
        new = [text for text in change_study(study, {path: value}).warnings() if text not in own]
        found.setdefault(path, {}).update(dict.fromkeys(new))
    return [
        f'"{path.text}": {next(iter(texts))}'
        + (f" The same holds for {len(texts) - 1} more of its values." if len(texts) > 1 else "")
        for path, texts in found.items()
        if texts
    ]


def _idle(study: Study, points: Points) -> list[str]:
    """Return a line for each varied strength of a mechanism that is active in no arm."""
    design = study.design
    if any(path.keys[-1] == "mechanism" for path in points.values):
        return []
    acting = {name for arm in design.arms for name in parse_mechanism(arm.mechanism_or(design.mechanism))}
    strengths = {item.potency: name for name, item in MECHANISMS.items()}
    idle = [(path, strengths.get(str(path.keys[-1]))) for path in points.values if path.parameter]
    return [
        f'"{path.text}" is the strength of {name}, which is active in no arm: it has no effect.'
        for path, name in idle
        if name is not None and name not in acting
    ]


def _uneven(points: Points) -> list[str]:
    samples = len(points)
    power = 1 << (samples.bit_length() - 1)
    if points.request.method != SOBOL or samples == power:
        return []
    return [f"{samples} samples of Sobol's sequence fill the space less evenly than {power} or {2 * power}."]
