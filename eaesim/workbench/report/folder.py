"""The folder of a run, as its manifest states it, checked before anything is read from it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from eaesim.errors import FileError
from eaesim.files import Content, Table, Unchecked
from eaesim.study.claim import made_by
from eaesim.study.manifest import MANIFEST, REPORT, UNFINISHED, is_inside, settings_hash


@dataclass(frozen=True, slots=True)
class RunFile:
    """One file that the manifest of a run lists.

    Attributes
    ----------
    name
        Its path in the folder, with ``/``.
    path
        Where it is.
    size
        In bytes.
    digest
        SHA-256 of what it holds.
    """

    name: str
    path: Path
    size: int
    digest: str

    @property
    def stem(self) -> str:
        """The name without its ending: a table and its figure share it."""
        return self.name.rpartition(".")[0] or self.name

    @property
    def ending(self) -> str:
        """What follows the last dot, in small letters: ``"csv"``."""
        return self.name.rpartition(".")[2].casefold()

    def text(self) -> str:
        """Return what the file says.

        Raises
        ------
        FileError
            If it is no UTF-8 text.
        """
        try:
            return self.path.read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise FileError(f"{self.path} cannot be read as text; repeat the run.") from error


@dataclass(frozen=True)
class RunFolder:
    """A run, read back.

    Attributes
    ----------
    folder
        Where it lies.
    settings
        Everything that decided what it holds; ``verb`` says which question was asked.
    versions
        Versions of the libraries that made it; ``None`` for one that was missing.
    hash
        The fingerprint of the settings.
    sentence
        The result in one plain sentence; empty where the verb leaves none.
    files
        What the manifest lists, in its order, without a report.
    fingerprint
        Hash of the model, the data and the version that made it; version 0.1 did not state it.
    command
        With which it was asked; version 0.1 did not state it.
    """

    folder: Path
    settings: Table
    versions: Mapping[str, str | None]
    hash: str
    sentence: str
    files: tuple[RunFile, ...]
    fingerprint: str | None = None
    command: str = ""

    @property
    def origin(self) -> str:
        """Return a warning if another model made the run, or may have; else an empty text."""
        made = made_by({"fingerprint": self.fingerprint, "versions": self.versions})
        return made and (
            f"This run {made}: its numbers are as it left them; the equations, parameters and findings "
            f"shown with them are those of the current eaesim {version('eaesim')}."
        )

    @property
    def verb(self) -> str:
        """Which question was asked: ``"timing"``."""
        return str(self.settings["verb"])

    def ending(self, *endings: str) -> list[RunFile]:
        """Return the files with one of these endings."""
        return [file for file in self.files if file.ending in endings]


def read_folder(folder: Path) -> RunFolder:
    """Read the manifest of a run, and make sure that it is whole.

    Parameters
    ----------
    folder
        The ``--out`` folder of the run.

    Raises
    ------
    FileError
        If it is not the folder of a run, its manifest was changed, or a file was changed
        or is missing.

    Examples
    --------
    >>> import tempfile
    >>> from eaesim.study import Store
    >>> with tempfile.TemporaryDirectory() as name:
    ...     _ = Store(Path(name), {"verb": "run", "seed": 1}).write(
    ...         lambda to: (to / "a.csv").write_text("arm,mean", encoding="utf-8"))
    ...     run = read_folder(Path(name))
    >>> run.verb, [file.name for file in run.files]
    ('run', ['a.csv'])
    """
    manifest = _manifest(folder)
    settings, names = manifest["settings"], manifest["files"]
    if settings_hash(settings) != manifest["hash"]:
        raise FileError(f"{folder / MANIFEST} was changed: its settings do not have the hash that it states.")
    stated, made_by = manifest.get("sha256"), manifest.get("fingerprint")
    found = tuple(_file(folder, name) for name in names if name != REPORT)
    for file in found:
        if file.digest != (stated if isinstance(stated, dict) else {}).get(file.name, file.digest):
            raise FileError(f"{file.path} was changed after the run had written it; repeat the run.")
    sentence = manifest.get("sentence")
    versions = {str(name): _version(value) for name, value in manifest["versions"].items()}
    text = sentence if isinstance(sentence, str) else ""
    command = manifest.get("command")
    own = command if isinstance(command, str) else ""
    return RunFolder(folder, settings, versions, manifest["hash"], text, found, made_by, own)


def _manifest(folder: Path) -> Unchecked:
    if not folder.exists():
        raise FileError(f"{folder} is not there; eaesim report takes the folder of a run.")
    if not folder.is_dir():
        raise FileError(f"{folder} is a file; eaesim report takes the folder of a run.")
    path = folder / MANIFEST
    if not path.is_file():
        if (folder / UNFINISHED).exists():
            raise FileError(
                f"{folder} holds a run that was stopped while its files were put in place; repeat "
                "the command that made it."
            )
        raise FileError(
            f"{folder} holds no {MANIFEST}, so it is not the folder of a run; eaesim timing makes one."
        )
    try:
        manifest = json.loads(path.read_bytes().decode("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise FileError(f"{path} cannot be read as JSON; repeat the run.") from error
    kinds = {"settings": dict, "versions": dict, "hash": str, "files": list}
    is_run = isinstance(manifest, dict) and all(
        isinstance(manifest.get(key), kind) for key, kind in kinds.items()
    )
    if not is_run or "verb" not in manifest["settings"] or "eaesim" not in manifest["versions"]:
        raise FileError(f"{path} was not written by eaesim, so {folder} is not the folder of a run.")
    return dict(manifest)


def _file(folder: Path, name: Content) -> RunFile:
    if not isinstance(name, str) or not is_inside(name):
        raise FileError(f"{folder / MANIFEST} lists {name!r}, which is no file of that folder.")
    path = folder / name
    if not path.is_file():
        raise FileError(f"{folder} lacks {name}, which its {MANIFEST} lists; repeat the run.")
    # A link could bring a stranger's file into a page that is passed on.
    if not path.resolve().is_relative_to(folder.resolve()):
        raise FileError(f"{path} leads out of the folder of its run.")
    try:
        with path.open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
        return RunFile(name, path, path.stat().st_size, digest)
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}.") from error


def _version(value: Content) -> str | None:
    return None if value is None else str(value)
