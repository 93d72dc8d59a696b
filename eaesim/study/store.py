"""A run is a folder: its files, and a manifest that says which settings made them."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePosixPath
from typing import Any
from uuid import uuid4

from eaesim.errors import FileError

MANIFEST = "manifest.json"
# What a file is called while it is written.
_LEFT = re.compile(r"\.(.+)\.[0-9a-f]{32}")
_LIBRARIES = ("eaesim", "numpy", "scipy", "pandas", "matplotlib", "pyarrow", "numba")


@dataclass(frozen=True)
class Store:
    """The folder of a run.

    Attributes
    ----------
    folder
        Where the files go.
    settings
        Everything that decides what they hold, as plain JSON values.
    force
        Whether files that another run listed in its manifest may be replaced.
    """

    folder: Path
    settings: Mapping[str, Any]
    force: bool = False

    @property
    def hash(self) -> str:
        """A fingerprint of the settings."""
        text = json.dumps(self.settings, sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def kept(self) -> Path:
        """Where a long run keeps what it has, hidden beside its folder, until its files are written."""
        folder = self.folder.resolve()
        return folder.with_name(f".{folder.name}.{self.hash[:12]}")

    def check(self) -> None:
        """Make sure the folder can be written before anything is computed.

        Raises
        ------
        FileError
            If it is a file or cannot be written, or holds foreign files or a run with other settings.
        """
        if self.folder.exists() and not self.folder.is_dir():
            raise FileError(f"{self.folder} is a file; --out names a folder.")
        lost = [
            path for path in (self.folder, *self.folder.parents) if path.is_symlink() and not path.exists()
        ]
        if lost:
            raise FileError(f"{lost[0]} is a link that leads nowhere; --out names a folder.")
        nearest = next(path for path in (self.folder, *self.folder.absolute().parents) if path.exists())
        if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
            raise FileError(f"{self.folder} cannot be written: {nearest} is not a folder you may write to.")
        if not self.folder.exists():
            return
        listed = self._listed()
        there = [name for name in self._there(listed) if not _is_left(name, {MANIFEST})]
        own = {*listed, MANIFEST}
        foreign = [name for name in there if name not in own and not _is_left(name, own)]
        if not self.force and foreign:
            raise FileError(
                f"{self.folder} holds {foreign[0]}, which is not from this run; "
                "choose another --out, or --force to write beside it."
            )
        if not self.force and there and self._manifest().get("hash") != self.hash:
            raise FileError(
                f"{self.folder} holds a run with other settings; "
                "choose another --out, or --force to replace it."
            )

    def write(self, fill: Callable[[Path], object], *, sentence: str = "") -> list[Path]:
        """Write the files of the run, then its manifest; nothing is left behind where that fails.

        What was `kept` on the way is then removed.

        Parameters
        ----------
        fill
            Writes every file into the folder it is given.
        sentence
            The result in one plain sentence, for the manifest: `eaesim report` begins with it.

        Returns
        -------
        list of paths
            The files, without the manifest.

        Raises
        ------
        FileError
            If the folder cannot be written, or a file would replace one that no manifest lists.
        """
        self.check()
        try:
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            partial = Path(tempfile.mkdtemp(prefix=f".{self.folder.name}-", dir=self.folder.parent))
        except OSError as error:
            raise FileError(f"{self.folder} cannot be written: {error.strerror}.") from error
        try:
            fill(partial)
            names = sorted(path.name for path in partial.iterdir())
            self._check_free(names)
            (partial / MANIFEST).write_text(self._manifest_text(names, sentence), encoding="utf-8")
            self.folder.mkdir(exist_ok=True)
            for name in set(self._listed()) - set(names):
                (self.folder / name).unlink(missing_ok=True)
            for name in (*names, MANIFEST):
                (partial / name).replace(self.folder / name)
        except OSError as error:
            raise FileError(f"{self.folder} cannot be written: {error.strerror}.") from error
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        shutil.rmtree(self.kept, ignore_errors=True)
        return [self.folder / name for name in names]

    def begin(self, files: Sequence[str]) -> None:
        """Make the folder of a run whose files come one by one, each written by `put`.

        The manifest is written first and lists them all, so that what an interrupted run leaves is known. A
        run with the same settings goes on: its files stay, and what it had half written goes.

        Parameters
        ----------
        files
            Every file that the run will hold, by its path in the folder, with ``/``.

        Raises
        ------
        FileError
            If the folder cannot be written, or holds foreign files or a run with other settings.
        """
        self.check()
        try:
            listed = set(self._listed())
            kept = listed & set(files) if self._manifest().get("hash") == self.hash else set()
            for name in self._there(listed) if self.folder.exists() else ():
                if name in listed - kept or _is_left(name, {*listed, MANIFEST}):
                    (self.folder / name).unlink()
            self._check_free([name for name in files if name not in kept])
            for parent in {(self.folder / name).parent for name in (*files, MANIFEST)}:
                parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FileError(f"{self.folder} cannot be written: {error.strerror}.") from error
        text = self._manifest_text(list(files))
        self.put(MANIFEST, lambda path: path.write_text(text, encoding="utf-8"))

    def put(self, name: str, fill: Callable[[Path], object]) -> None:
        """Write one file of a run that has begun: whole, or not at all.

        Parameters
        ----------
        name
            One of those that `begin` was told.
        fill
            Writes the file to the path it is given.

        Raises
        ------
        FileError
            If it cannot be written.
        """
        path = self.folder / name
        partial = path.with_name(f".{path.name}.{uuid4().hex}")
        try:
            fill(partial)
            partial.replace(path)
        except OSError as error:
            raise FileError(f"{path} cannot be written: {error.strerror or error}.") from error
        finally:
            partial.unlink(missing_ok=True)

    def _there(self, listed: Iterable[str]) -> list[str]:
        """Return what the folder holds, and what its folders hold that a listed file lies in."""
        folders = {parent.as_posix() for name in listed for parent in PurePosixPath(name).parents}
        found, waiting = [], [self.folder]
        while waiting:
            for path in waiting.pop().iterdir():
                name = path.relative_to(self.folder).as_posix()
                if path.is_dir() and (name in folders or not any(path.iterdir())):
                    waiting.append(path)
                else:
                    found.append(name)
        return sorted(found)

    def _check_free(self, names: list[str]) -> None:
        listed = self._listed()
        for name in names:
            if name not in listed and (self.folder / name).exists():
                raise FileError(
                    f"{self.folder / name} is no file of a run, so it is not replaced; move it away."
                )

    def _manifest_text(self, files: list[str], sentence: str = "") -> str:
        versions = {"python": platform.python_version(), **{name: _version(name) for name in _LIBRARIES}}
        manifest = {
            "settings": self.settings,
            "seed": self.settings.get("seed"),
            "versions": versions,
            "hash": self.hash,
            "files": files,
            **({"sentence": sentence} if sentence else {}),
        }
        return _text(manifest)

    def _manifest(self) -> dict[str, Any]:
        try:
            manifest = json.loads((self.folder / MANIFEST).read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return manifest if isinstance(manifest, dict) else {}

    def _listed(self) -> list[str]:
        names = self._manifest().get("files")
        # A manifest is data from outside: a name that leads out of the folder is nobody's file.
        given = names if isinstance(names, list) else []
        return [name for name in given if isinstance(name, str) and is_inside(name)]


def _text(manifest: Mapping[str, Any]) -> str:
    return json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"


def list_file(folder: Path, name: str) -> None:
    """Add a file to those that the manifest of a run lists, so that it counts as the run's own.

    Raises
    ------
    FileError
        If the manifest cannot be written.
    """
    manifest = Store(folder, {})._manifest()
    if name not in manifest["files"]:
        manifest["files"].append(name)
        write_whole(folder / MANIFEST, _text(manifest))


def write_whole(path: Path, text: str) -> None:
    """Write a text file: whole, or not at all.

    Raises
    ------
    FileError
        If it cannot be written.
    """
    partial = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        partial.write_text(text, encoding="utf-8", newline="\n")
        partial.replace(path)
    except OSError as error:
        raise FileError(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        partial.unlink(missing_ok=True)


def is_inside(name: str) -> bool:
    """Say whether a name that a manifest lists stays in the folder of its run.

    Examples
    --------
    >>> is_inside("sweep/part-00000.parquet"), is_inside("../precious.txt")
    (True, False)
    """
    parts = name.split("/")
    return all(part not in ("", ".", "..") and not set(part) & {"\\", ":", "\0"} for part in parts)


def _is_left(name: str, files: Collection[str]) -> bool:
    """Say whether a file is what was left of writing one of these."""
    path = PurePosixPath(name)
    left = _LEFT.fullmatch(path.name)
    return left is not None and path.with_name(left[1]).as_posix() in files


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:  # Numba may be missing
        return None
