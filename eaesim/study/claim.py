"""Intermediate work of a long run is tied to its settings, model, data and version."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from eaesim.errors import FileError
from eaesim.files import Table
from eaesim.study.filling import writing
from eaesim.study.fingerprint import fingerprint
from eaesim.study.manifest import MANIFEST, json_text, listed_files, read_json, settings_hash, write_whole

#: File in a folder of intermediate work that records its settings and model.
BEGUN = "begun.json"


def claim(folder: Path, settings: Table) -> None:
    """Make a folder of intermediate work, or check that an existing one has the same settings.

    Parameters
    ----------
    folder
        Folder of the work.
    settings
        All settings that determine the work, besides the model, as plain JSON values.

    Raises
    ------
    FileError
        If it was begun with different settings or another model, or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as name:
    ...     claim(Path(name), {"seed": 1})
    ...     claim(Path(name), {"seed": 2})
    Traceback (most recent call last):
    ...
    eaesim.errors.FileError: ... was begun with other settings; choose another folder, or remove this one.
    """
    if holds_work(folder):
        check_model(folder, read_json(folder / BEGUN), remedy="choose another folder, or remove this one")
        if read_json(folder / BEGUN).get("hash") != settings_hash(settings):
            raise FileError(
                f"{folder} was begun with other settings; choose another folder, or remove this one."
            )
        return
    begun: Table = {"settings": settings, "hash": settings_hash(settings), **model()}
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / BEGUN, json_text(begun))


def holds_work(folder: Path) -> bool:
    """Return whether a folder contains intermediate work, also from older versions without a record."""
    return (folder / BEGUN).exists() or any(folder.glob("**/[0-9]*.npz"))


def model() -> dict[str, str]:
    """Return the record of the model for a run."""
    return {"fingerprint": fingerprint(), "eaesim": version("eaesim")}


def made_by(stated: Table) -> str:
    """Return which version made a run, if it was or may have been another model; otherwise nothing.

    Parameters
    ----------
    stated
        Record in the manifest of the run; version 0.1 had no fingerprint.

    Examples
    --------
    >>> made_by({"versions": {"eaesim": "0.0.1"}}), made_by(model())
    ('was made by eaesim 0.0.1', '')
    """
    if stated.get("fingerprint") == fingerprint():
        return ""
    libraries = stated.get("versions")
    made = libraries.get("eaesim") if isinstance(libraries, Mapping) else None
    if made != version("eaesim"):
        return f"was made by eaesim {made or 'of an unknown version'}"
    if stated.get("fingerprint") is None:
        return f"was made by eaesim {made} before it noted its model and data"
    return f"was made by eaesim {made} with another model or other data"


def file_made_by(path: Path) -> str:
    """Return `made_by` of the run that a file is from, by the manifest next to it; nothing without one."""
    manifest = read_json(path.parent / MANIFEST)
    return made_by(manifest) if path.name in listed_files(manifest) else ""


def check_model(where: Path, stated: Table, *, remedy: str) -> None:
    """Check that work was begun with the current model.

    Parameters
    ----------
    where
        Name of the work in the message.
    stated
        Record of the work; missing in version 0.1.
    remedy
        Advice for the user.
    """
    if stated.get("fingerprint") != fingerprint():
        libraries = stated.get("versions")
        named = stated.get("eaesim") or (libraries.get("eaesim") if isinstance(libraries, dict) else None)
        by = f" ({named})" if named and named != version("eaesim") else ""
        raise FileError(
            f"{where} was begun with another model, other data or another version of eaesim{by}; {remedy}."
        )
