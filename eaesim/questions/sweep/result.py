"""Result of a sweep: read lazily from its folder, or held in memory."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_
from pathlib import Path
from typing import TYPE_CHECKING, Self

from eaesim.endpoints import ENDPOINTS
from eaesim.endpoints import endpoint as find_endpoint
from eaesim.errors import EaesimWarning, FileError, unknown_name
from eaesim.files import within
from eaesim.protocol.studyfile import parse_study_file
from eaesim.questions.sweep.parts import SETTINGS, is_of, part_name, part_schema
from eaesim.questions.sweep.plan import SweepPlan
from eaesim.questions.sweep.request import SweepRequest
from eaesim.study import Study, load
from eaesim.study.claim import made_by
from eaesim.study.manifest import MANIFEST, settings_hash
from eaesim.study.store import part_mark
from eaesim.workbench.figure.words import drawn_endpoint

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from pyarrow.dataset import Dataset


@dataclass(frozen=True, repr=False)
class Swept:
    """Means and effects of every arm at every point of a sweep.

    Attributes
    ----------
    plan
        What was swept.
    parts
        The rows of every point: a `pyarrow.dataset.Dataset`, of which only the requested rows are read.
    settings
        The values at every point, likewise.
    missing
        How many parts are not there, because the sweep was interrupted.
    origin
        Says that another model made them, where that is so or may be so; else empty.
    """

    plan: SweepPlan
    parts: Dataset
    settings: Dataset
    missing: int = 0
    origin: str = ""

    @classmethod
    def from_tables(cls, plan: SweepPlan, tables: Sequence[pa.Table]) -> Self:
        """Return the result of a sweep that was kept in memory."""
        from pyarrow.dataset import dataset

        return cls(plan, dataset(list(tables)), dataset(plan.points.table(0, len(plan.points))))

    @classmethod
    def from_folder(cls, folder: Path) -> Self:
        """Return the result of a sweep in a folder, whole or not."""
        from pyarrow.dataset import dataset

        with within(str(folder)):
            plan, stated, made = _manifest(folder)
            files = [folder / part_name(number) for number in range(plan.parts)]
            there = [path for number, path in enumerate(files) if is_of(path, stated, number)]
            if not there or not is_of(folder / SETTINGS, stated):
                raise FileError("no part of this sweep is done yet; eaesim sweep resumes it.")
            parts = dataset([str(path) for path in there], schema=part_schema(), format="parquet")
            settings = dataset(str(folder / SETTINGS), format="parquet")
        origin = made and (
            f"{folder} {made}: its numbers are as it left them, and the same sweep may now give others."
        )
        if origin:
            warnings.warn(origin, stacklevel=3)
        return cls(plan, parts, settings, len(files) - len(there), origin)

    def __repr__(self) -> str:
        """Return what was swept; `table` has the results."""
        return f"SweepResult({len(self.plan.points)} points, {self.rats}, paths: {', '.join(self.paths)})"

    @property
    def rats(self) -> str:
        """Which rats are used at every point, in words."""
        return f"{self.plan.request.animals} rats, {self.plan.parameter_sets}"

    @property
    def paths(self) -> tuple[str, ...]:
        """What varied."""
        return tuple(path.text for path in self.plan.points.values)

    def points(self) -> pd.DataFrame:
        """Return the values at every point: ``point``, and a column per path, as in ``settings.parquet``."""
        frame: pd.DataFrame = self.settings.to_table().to_pandas()
        return frame

    def table(
        self,
        *,
        endpoint: str | Iterable[str] | None = None,
        arm: str | Iterable[str] | None = None,
        columns: Iterable[str] | None = None,
    ) -> pd.DataFrame:
        """Return rows with the values of their points; only the requested ones are read.

        Parameters
        ----------
        endpoint, arm
            One, several, or all of them.
        columns
            Paths, and columns of ``sweep/part-00000.parquet``; all of them by default.

        Returns
        -------
        pandas.DataFrame
            A row for each point, arm and endpoint, in the order of the points.

        Raises
        ------
        UnknownNameError
            If there is no such endpoint, arm or column.
        """
        import pyarrow as pa
        from pyarrow.dataset import field

        own = part_schema().names
        chosen = [own[0], *self.paths, *own[1:]] if columns is None else list(columns)
        for name in chosen:
            if name not in own and name not in self.paths:
                raise unknown_name(name, "column", [*self.paths, *own])
        asked = {"endpoint": (endpoint, self.plan.endpoints), "arm": (arm, self.plan.arms)}
        conditions = [
            field(noun).isin(pa.array(_names(given, noun, allowed), pa.string()))
            for noun, (given, allowed) in asked.items()
            if given is not None
        ]
        needed = list(dict.fromkeys(["point", *(name for name in chosen if name in own)]))
        rows = self.parts.to_table(columns=needed, filter=reduce(and_, conditions) if conditions else None)
        values = [name for name in chosen if name in self.paths]
        if values:
            at = self.settings.to_table(columns=values).take(rows["point"])
            for name in values:
                rows = rows.append_column(name, at[name])
        frame: pd.DataFrame = rows.select(chosen).to_pandas()
        return frame

    @property
    def empty(self) -> bool:
        """Whether nothing at all could be computed."""
        from pyarrow.dataset import field

        return not self.parts.head(1, columns=["point"], filter=field("animals") > 0).num_rows

    def failed(self) -> tuple[int, int]:
        """Return at how many points a rat failed, and how many pairs with the control were lost by it."""
        from pyarrow.dataset import field

        first = field("endpoint") == next(iter(ENDPOINTS))
        rows = self.parts.to_table(columns=["point", "failed"], filter=first & (field("failed") > 0))
        return len(rows["point"].unique()), sum(rows["failed"].to_pylist())

    def sentence(self, endpoint: str | None = None) -> str:
        """Return in one sentence where the effect on an endpoint is largest; untreated, where it is highest.

        By default the endpoint is the first window that the study names, else the peak score.
        """
        endpoint = endpoint or drawn_endpoint(self.plan.study.design)
        treated = self.plan.treated
        column = "effect" if treated else "mean"
        rows = self.table(endpoint=endpoint, arm=treated or None)
        rows = rows[rows[column].notna()]
        title = find_endpoint(endpoint).title
        if rows.empty:
            return f"No {'effect on' if treated else 'mean of'} the {title} could be computed."
        most = rows.iloc[int(rows[column].to_numpy().argmax())]
        ends = ("effect_low", "effect_high") if treated else ("low", "high")
        value, low, high = (
            f"{100 * most[name]:.0f}" if treated else f"{most[name]:.3g}" for name in (column, *ends)
        )
        unit = " %" if treated else ""
        found = f"{value}{unit}{'' if most[ends[0]] != most[ends[0]] else f' ({low} to {high}{unit})'}"
        where = ", ".join(
            f"{path} = {most[path] if isinstance(most[path], str) else f'{most[path]:.4g}'}"
            for path in self.paths
        )
        if treated:
            said = f"The largest effect on the {title}, {found}, is that of {most['arm']}"
        else:
            said = f"The {title} is highest, {found},"
        return f"{said} at {where} ({self.plan.parameter_sets})."


def _names(given: str | Iterable[str], noun: str, allowed: Sequence[str]) -> list[str]:
    """Return arms, or endpoints by the names that they have in tables."""
    names = [given] if isinstance(given, str) else list(given)
    if noun == "endpoint":
        names = [find_endpoint(name).name for name in names]
    for name in names:
        if name not in allowed:
            raise unknown_name(name, noun, allowed)
    return names


def _manifest(folder: Path) -> tuple[SweepPlan, str, str]:
    """Return what was swept, what its parts say about themselves, and what other model made them, if any."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        settings = manifest["settings"]
        stated = part_mark(str(manifest["hash"]), manifest.get("fingerprint"))
        file = parse_study_file(str(settings["study"]))
        given = {"dead": str(settings["dead"]), "engine": str(settings["engine"])}
        table, sets = settings["sweep"], int(settings.get("members", 1))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FileError("this is not the folder of a sweep; eaesim sweep writes one.") from error
    if settings_hash(settings) != manifest["hash"]:
        raise FileError(f"{MANIFEST} was changed: its settings do not have the hash that it states.")
    study = Study.from_design(load(file.rat).replace(**file.parameters), file.design)
    with warnings.catch_warnings(action="ignore", category=EaesimWarning):  # names of version 0.1
        request = SweepRequest.from_table(
            table, animals=file.animals, seed=file.seed, parameter_sets=sets, **given
        )
    return SweepPlan(study, request), stated, made_by(manifest)
