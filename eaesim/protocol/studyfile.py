"""Study files: conversion of studies to and from TOML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib.resources import files
from os import PathLike
from pathlib import Path
from typing import Any

from eaesim.errors import FileError, ProtocolError
from eaesim.files import Table, Unchecked, check_table, check_tables, needed, parse_toml, read_text, within
from eaesim.model.pharmacy import drugs_from
from eaesim.protocol.design import Design, check_arm_count
from eaesim.protocol.induction import Immunisation
from eaesim.protocol.parametertable import check_parameters
from eaesim.protocol.quantity import count
from eaesim.protocol.tables import arm_table, induction_table, read_arm, read_inductions

#: Tables of the study itself; every other one is an analysis.
OWN_TABLES = ("study", "parameters", "induction", "arm")
STUDY_KEYS = ("rat", "until", "animals", "seed", "mechanism", "control", "endpoints")


@dataclass(frozen=True)
class StudyFile:
    """Content of a study file.

    Attributes
    ----------
    rat
        Name of the rat, or folder of a fit; not checked here.
    design
        Arms, inductions and duration.
    animals
        Rats in every arm.
    seed
        Random seed of the rats; the same seed gives the same rats.
    parameters
        Values that override those of the rat: numbers in the parameter's unit, or text with a unit.
    questions
        Tables of analyses, such as ``[sweep]``, by name, unparsed.

    Examples
    --------
    >>> from eaesim.protocol.arm import Arm
    >>> StudyFile("lewis", Design(40, [Immunisation()], [Arm("vehicle")])).animals
    320
    """

    rat: str
    design: Design
    animals: int = 320
    seed: int = 1
    parameters: Mapping[str, float | str] = field(default_factory=dict)
    questions: Mapping[str, Table] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.rat, str) or not self.rat.strip() or not self.rat.isprintable():
            raise ProtocolError(f'rat = {self.rat!r} is not a name; write for example rat = "lewis".')
        vars(self).update(
            animals=count(self.animals, what="animals", least=1, most=1_000_000),
            seed=count(self.seed, what="seed", least=0, most=2**63 - 1),
            parameters=check_parameters(self.parameters),
        )


def read_study_file(path: str | PathLike[str]) -> StudyFile:
    """Read a study file; drug files beside it are known by their names.

    Raises
    ------
    FileError
        If it is missing, a folder, empty, not text, or broken TOML.
    EaesimError
        If a key or a value is invalid; every message names the file.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "first.toml"
    ...     _ = file.write_text(new_study_text("first"), encoding="utf-8")
    ...     read_study_file(file).rat
    'lewis'
    """
    content = read_tables(path)
    with within(str(path)), drugs_from(Path(path).parent):
        return _study_of(content)


def parse_study_file(text: str) -> StudyFile:
    """Read the text of a study file, such as `study_file_text` writes.

    Examples
    --------
    >>> parse_study_file(new_study_text("first")).seed
    7
    """
    return _study_of(parse_toml(text))


def read_tables(path: str | PathLike[str]) -> Unchecked:
    """Read the tables of a TOML file that a user wrote."""
    with within(str(path)):
        return parse_toml(_text_of(Path(path)))


def _text_of(path: Path) -> str:
    if path.is_dir():
        raise FileError("this is a folder; name the study file in it, such as study.toml.")
    try:
        text = read_text(path)
    except FileError as error:
        there = [] if path.exists() else [file.name for file in path.parent.glob("*.toml")]
        close = get_close_matches(path.name, there, n=1, cutoff=0.5)
        if close:
            raise FileError(f"no such file; did you mean {close[0]}?") from error
        raise
    if not text.strip():
        raise FileError("the file is empty; a study file has at least [study] and one [[arm]].")
    return text


def is_trial(content: Table) -> bool:
    """Return whether the tables of a file are those of a trial: it has a study without a rat.

    Examples
    --------
    >>> is_trial({"study": {"subject": "patient"}}), is_trial({"study": {"rat": "da"}})
    (True, False)
    """
    study = content.get("study")
    return isinstance(study, Mapping) and "rat" not in study and ("trial" in content or "subject" in study)


def _study_of(content: Unchecked) -> StudyFile:
    if is_trial(content):
        raise ProtocolError(
            "a file with a subject or [trial] is about patients: eaesim trial and eaesim timing patient ask "
            "about them, and a study of rats has rat = NAME."
        )
    study = check_table(needed(content, "study", "the file"), "[study]", STUDY_KEYS)
    given = {key: study[key] for key in ("mechanism", "control", "endpoints") if key in study}
    inductions = (
        read_inductions(content["induction"], "induction") if "induction" in content else [Immunisation()]
    )
    tables = check_tables(needed(content, "arm", "the file"), "arm")
    check_arm_count(len(tables))
    arms = [read_arm(table) for table in tables]
    return StudyFile(
        rat=needed(study, "rat", "[study]"),
        design=Design(needed(study, "until", "[study]"), inductions, arms, **given),
        parameters=content.get("parameters", {}),
        questions={name: table for name, table in content.items() if name not in OWN_TABLES},
        **{key: study[key] for key in ("animals", "seed") if key in study},
    )


def study_file_text(study_file: StudyFile) -> str:
    """Write a study file; `read_study_file` reads an equal one back.

    Examples
    --------
    >>> from eaesim.protocol.arm import Arm
    >>> print(study_file_text(StudyFile("lewis", Design(40, [Immunisation()], [Arm("vehicle")]))))
    [study]
    rat = "lewis"
    until = 40
    animals = 320
    seed = 1
    mechanism = "H1a"
    control = "vehicle"
    <BLANKLINE>
    [[induction]]
    kind = "immunisation"
    day = 0
    adjuvant = "complete"
    <BLANKLINE>
    [[arm]]
    name = "vehicle"
    <BLANKLINE>
    """
    import tomlkit

    design, document = study_file.design, tomlkit.document()
    if not design.inductions:
        document["induction"] = []  # a bare key must come before every table
    document["study"] = {
        "rat": study_file.rat,
        "until": design.until,
        "animals": study_file.animals,
        "seed": study_file.seed,
        "mechanism": design.mechanism,
        "control": design.control,
    }
    if design.endpoints:
        document["study"]["endpoints"] = list(design.endpoints)
    if study_file.parameters:
        document["parameters"] = dict(study_file.parameters)
    if design.inductions:
        document["induction"] = [induction_table(induction) for induction in design.inductions]
    arms = [arm_table(arm) for arm in design.arms]
    for arm in arms:
        if "doses" in arm:  # one array, a line each, instead of separate tables
            arm["doses"] = _inline(arm["doses"]).multiline(True)
    document["arm"] = arms
    for name, table in study_file.questions.items():
        document[name] = {key: _inline(value) for key, value in table.items()}
    return tomlkit.dumps(document)


def _inline(value: Any) -> Any:
    import tomlkit

    if isinstance(value, Mapping):
        table = tomlkit.inline_table()
        table.update({key: _inline(entry) for key, entry in value.items()})
        return table
    if isinstance(value, list):
        array = tomlkit.array()
        array.extend([_inline(entry) for entry in value])
        return array
    return value


def new_study_text(name: str) -> str:
    """Return a commented template of a study file.

    Examples
    --------
    >>> print(new_study_text("first").splitlines()[0])
    # first: what this study asks
    """
    if not name.strip() or not name.isprintable():
        raise ProtocolError(f"the name of a study is one line of text; given: {name!r}.")
    template = files("eaesim.protocol").joinpath("template.toml").read_text("utf-8")
    return f"# {name}: what this study asks\n\n{template}"
