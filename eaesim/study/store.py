"""The folder of a run: its files, and a manifest with the settings and model that made them."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from eaesim.command import COMMAND
from eaesim.errors import FileError
from eaesim.files import Content, Table, Unchecked
from eaesim.study.claim import BEGUN, check_model, holds_work, model
from eaesim.study.filling import Fill, beside, filled, is_hidden, lock_file, writing, written_beside
from eaesim.study.lock import hold
from eaesim.study.manifest import (
    MANIFEST,
    REPORT,
    UNFINISHED,
    digest,
    json_text,
    listed_files,
    read_json,
    settings_hash,
    versions,
    write_whole,
)

# Name of a file while it is written.
_LEFT = re.compile(r"\.(.+)\.[0-9a-f]{32}")
_OTHER = "choose another --out, or --force to {}"


@dataclass(frozen=True)
class Store:
    """The folder of a run.

    Attributes
    ----------
    folder
        Folder of the files.
    settings
        All settings that determine their content, besides the model, as plain JSON values.
    force
        Whether files in the manifest of another run may be replaced.
    """

    folder: Path
    settings: Table
    force: bool = False

    @property
    def hash(self) -> str:
        """A fingerprint of the settings."""
        return settings_hash(self.settings)

    @property
    def mark(self) -> str:
        """A fingerprint of the settings and the model, recorded in each part of a run."""
        return part_mark(self.hash, model()["fingerprint"])

    @property
    def kept(self) -> Path:
        """Hidden folder for intermediate work of a long run, until its files are written."""
        return beside(self._place) / f".{self._place.name}.{self.hash[:12]}"

    def keep(self) -> Path:
        """Return `kept`; with `force`, work with another model is removed first.

        Raises
        ------
        FileError
            If it contains work begun with another model.
        """
        try:
            self._check_kept(force=False)
        except FileError:
            if not self.force:
                raise
            shutil.rmtree(self.kept, ignore_errors=True)
        return self.kept

    def leave(self) -> None:
        """Remove `kept` where nothing is finished in it: a run that is refused leaves nothing behind."""
        if self.kept.is_dir() and {path.name for path in self.kept.iterdir()} <= {BEGUN}:
            shutil.rmtree(self.kept, ignore_errors=True)

    def check(self) -> None:
        """Check that the folder can be written before anything is computed.

        Raises
        ------
        FileError
            If it is a file or cannot be written, or has foreign files, or a run with other settings or
            another model; or if the intermediate work of this run was begun with another model.
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
        self._check_kept(force=self.force)
        self._check_owner()

    def write(self, fill: Fill, *, sentence: str = "") -> list[Path]:
        """Write the files of the run, then its manifest; on failure, nothing is left behind.

        The manifest of a replaced run is removed first, so that no manifest covers files of two runs. Work in
        `kept` is then removed.

        Parameters
        ----------
        fill
            Function that writes every file into a folder.
        sentence
            Result in one sentence, for the manifest; `eaesim report` begins with it.

        Returns
        -------
        list of paths
            The files, without the manifest.

        Raises
        ------
        FileError
            If the folder cannot be written, another run took it in the meantime, or a file would replace one
            that is in no manifest.
        """
        self.check()
        with writing(self.folder), filled(self._place, fill) as (partial, names), hold(self._lock):
            self._check_owner()
            old = self._own_files()
            self._check_free([name for name in names if name not in old])
            hashes = {name: digest(partial / name) for name in names}
            self._state(names, sentence=sentence, sha256=hashes, path=partial / MANIFEST)
            self._place.mkdir(exist_ok=True)
            self._take_apart(old - set(names), coming=hashes)
            for name in (*names, MANIFEST):
                (partial / name).replace(self._place / name)
            (self._place / UNFINISHED).unlink(missing_ok=True)
        shutil.rmtree(self.kept, ignore_errors=True)
        return [self.folder / name for name in names]

    def begin(self, files: Sequence[str]) -> None:
        """Make the folder of a run whose files are written one by one with `put`.

        The manifest is written first and lists them all, so that leftovers of an interrupted run are known. A
        run with the same settings and model resumes: its files are kept, and partial files removed.

        Parameters
        ----------
        files
            Paths of all files of the run in the folder, with ``/``.

        Raises
        ------
        FileError
            If the folder cannot be written, or has foreign files, or a run with other settings or another
            model.
        """
        self.check()
        with writing(self.folder):
            beside(self._place).mkdir(parents=True, exist_ok=True)
            with hold(self._lock):
                self._check_owner()
                own, same = self._own_files(), self._is_mine(self._manifest)
                self._check_free([name for name in files if name not in own])
                for parent in {(self._place / name).parent for name in (*files, MANIFEST)}:
                    parent.mkdir(parents=True, exist_ok=True)
                if same:
                    self._remove(own - set(files))
                else:
                    self._take_apart(own, coming={})
                self._state(files)
                (self._place / UNFINISHED).unlink(missing_ok=True)

    def put(self, name: str, fill: Fill) -> None:
        """Write one file of a run that has begun, atomically.

        Parameters
        ----------
        name
            One of the files passed to `begin`.
        fill
            Function that writes the file to a path.

        Raises
        ------
        FileError
            If it cannot be written, or another run has taken the folder.
        """
        path = self._place / name
        with writing(path), written_beside(path) as partial:
            fill(partial)
            with hold(self._lock):
                self._check_mine()
                partial.replace(path)

    def add(self, fill: Fill) -> list[Path]:
        """Write several files of a run that has begun, all or none.

        Parameters
        ----------
        fill
            Function that writes some of the files passed to `begin` into a folder.

        Returns
        -------
        list of paths
            The files.

        Raises
        ------
        FileError
            If they cannot be written, or another run has taken the folder.
        """
        with writing(self.folder), filled(self._place, fill) as (partial, names), hold(self._lock):
            self._check_mine()
            self._check_free(set(names) - set(listed_files(self._manifest)))
            for name in names:
                (partial / name).replace(self._place / name)
        return [self.folder / name for name in names]

    @property
    def _place(self) -> Path:
        return self.folder.resolve()

    @property
    def _lock(self) -> Path:
        return lock_file(self._place)

    @property
    def _manifest(self) -> Unchecked:
        return read_json(self._place / MANIFEST)

    def _check_kept(self, *, force: bool) -> None:
        if not force and holds_work(self.kept):
            check_model(self.kept, read_json(self.kept / BEGUN), remedy=_OTHER.format("begin anew"))

    def _check_owner(self) -> None:
        """Check that the content of the folder may be replaced."""
        if self.force or not self._place.exists():
            return
        own = {*self._own_files(), MANIFEST, UNFINISHED, REPORT}
        there = [name for name in self._there(own) if not _is_left(name, {MANIFEST, UNFINISHED, REPORT})]
        foreign = [name for name in there if name not in own and not _is_left(name, own)]
        if foreign:
            raise FileError(
                f"{self.folder} holds {foreign[0]}, which is not from this run; "
                f"{_OTHER.format('write next to it')}."
            )
        if set(there) <= {REPORT}:
            return
        stated = self._manifest if MANIFEST in there else read_json(self._place / UNFINISHED)
        if stated.get("hash") != self.hash:
            raise FileError(f"{self.folder} holds a run with other settings; {_OTHER.format('replace it')}.")
        check_model(self.folder, stated, remedy=_OTHER.format("replace it"))

    def _is_mine(self, stated: Table) -> bool:
        return stated.get("hash") == self.hash and stated.get("fingerprint") == model()["fingerprint"]

    def _check_mine(self) -> None:
        if not self._is_mine(self._manifest):
            raise FileError(f"{self.folder} was taken by another run; nothing more is written to it.")

    def _own_files(self) -> set[str]:
        """Return the files that runs left here, including those of an interrupted run."""
        note = read_json(self._place / UNFINISHED)
        files = note.get("files")
        known = files if isinstance(files, dict) else {}
        stopped = {
            name
            for name in listed_files(note)
            if isinstance(known.get(name), list) and digest(self._place / name) in known[name]
        }
        return {*listed_files(self._manifest), *stopped}

    def _take_apart(self, old: Iterable[str], *, coming: Mapping[str, str]) -> None:
        """Remove the manifest, then old files, after recording which files may remain until the next one."""
        files = {
            name: sorted({digest(self._place / name), coming.get(name, "")} - {""})
            for name in sorted({*old, *coming})
        }
        note: Table = {"hash": self.hash, **model(), "files": files}
        write_whole(self._place / UNFINISHED, json_text(note))
        (self._place / MANIFEST).unlink(missing_ok=True)
        self._remove(old)

    def _remove(self, names: Iterable[str]) -> None:
        """Remove files of runs, and partial files, but never a report, which a user made."""
        known = {*names, *self._own_files(), MANIFEST, UNFINISHED, REPORT}
        left = [name for name in self._there(known) if _is_left(name, known)]
        for name in sorted({*names, *left} - {REPORT}):
            (self._place / name).unlink(missing_ok=True)

    def _there(self, listed: Iterable[str]) -> list[str]:
        """Return the content of the folder and of its subfolders with listed files."""
        folders = {parent.as_posix() for name in listed for parent in PurePosixPath(name).parents}
        found, waiting = [], [self._place]
        while waiting:
            for path in waiting.pop().iterdir():
                name = path.relative_to(self._place).as_posix()
                if beside(self._place) == self._place and is_hidden(self._place, name):
                    continue
                if path.is_dir() and (name in folders or not any(path.iterdir())):
                    waiting.append(path)
                else:
                    found.append(name)
        return sorted(found)

    def _check_free(self, names: Iterable[str]) -> None:
        for name in names:
            if (self._place / name).exists():
                raise FileError(
                    f"{self.folder / name} is not a file of a run, so it is not replaced; move it away."
                )

    def _state(
        self, files: Sequence[str], *, sentence: str = "", path: Path | None = None, **more: Content
    ) -> None:
        """Write the manifest."""
        stated: Table = {
            "settings": self.settings,
            "seed": self.settings.get("seed"),
            "versions": versions(),
            "hash": self.hash,
            "fingerprint": model()["fingerprint"],
            "files": list(files),
            **more,
            **({"sentence": sentence} if sentence else {}),
            **({"command": COMMAND.get()} if COMMAND.get() else {}),
        }
        write_whole(path or self._place / MANIFEST, json_text(stated))


def part_mark(settings: str, fingerprint: str | None) -> str:
    """Return the record in each part of a run; version 0.1 had no fingerprint."""
    if fingerprint is None:
        return settings
    return hashlib.sha256(f"{settings} {fingerprint}".encode()).hexdigest()


def _is_left(name: str, files: Collection[str]) -> bool:
    """Return whether a file is a partial version of one of these."""
    path = PurePosixPath(name)
    left = _LEFT.fullmatch(path.name)
    return left is not None and path.with_name(left[1]).as_posix() in files
