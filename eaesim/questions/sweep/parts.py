"""The parts of a sweep: tables of some points each, in memory or as files that are whole or not there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from eaesim.questions.sweep.plan import SweepPlan
from eaesim.study import Store

if TYPE_CHECKING:
    import pyarrow as pa

SETTINGS, PARTS = "settings.parquet", "sweep"
FIGURES = ("sweep.png", "sweep.svg")
ESTIMATES = ("mean", "low", "high", "effect", "effect_low", "effect_high")
# Metadata of a part, stored with its table.
_HASH, _NUMBER = b"eaesim.settings", b"eaesim.part"
# Points that go into the settings at once.
_ROWS = 100_000


def part_schema() -> pa.Schema:
    """Return the columns of a part."""
    import pyarrow as pa

    texts = [pa.field(name, pa.string()) for name in ("arm", "endpoint")]
    numbers = [pa.field(name, pa.float64()) for name in ESTIMATES]
    counts = [pa.field(name, pa.int64()) for name in ("animals", "failed")]
    return pa.schema([pa.field("point", pa.int64()), *texts, *numbers, *counts])


def part_name(number: int) -> str:
    """Return the name of a part in its run's folder.

    Examples
    --------
    >>> part_name(7)
    'sweep/part-00007.parquet'
    """
    return f"{PARTS}/part-{number:05}.parquet"


@dataclass(frozen=True)
class SweepFolder:
    """The folder of a sweep."""

    store: Store
    plan: SweepPlan

    def begin(self) -> list[int]:
        """Make the folder ready, and return the numbers of the parts that are still to be made.

        Raises
        ------
        FileError
            If it cannot be written, or holds foreign files or a run with other settings.
        """
        names = [part_name(number) for number in range(self.plan.parts)]
        self.store.begin([SETTINGS, *names, *FIGURES])
        path = self.store.folder / SETTINGS
        if not is_of(path, self.store.mark) or _read(path) is None:
            self.store.put(SETTINGS, self._write_settings)
        return [number for number in range(self.plan.parts) if not self._is_whole(number)]

    def put(self, number: int, table: pa.Table) -> None:
        """Write a part; the same table gives the same bytes."""
        import pyarrow.parquet as pq

        own = table.replace_schema_metadata({_HASH: self.store.mark, _NUMBER: str(number)})
        self.store.put(part_name(number), lambda path: pq.write_table(own, path, write_page_checksum=True))

    def _is_whole(self, number: int) -> bool:
        """Say whether a part is there, of this sweep, and undamaged to the last page."""
        path = self.store.folder / part_name(number)
        table = _read(path) if is_of(path, self.store.mark, number) else None
        rows = len(self.plan.part(number)) * len(self.plan.arms) * len(self.plan.endpoints)
        return table is not None and table.num_rows == rows and table.schema.equals(part_schema())

    def _write_settings(self, path: Path) -> None:
        import pyarrow.parquet as pq

        points = self.plan.points
        schema = points.table(0, 1).schema.with_metadata({_HASH: self.store.mark})
        with pq.ParquetWriter(path, schema, write_page_checksum=True) as writer:
            for first in range(0, len(points), _ROWS):
                table = points.table(first, min(first + _ROWS, len(points)))
                writer.write_table(table.replace_schema_metadata(schema.metadata))


def is_of(path: Path, stated: str, number: int | None = None) -> bool:
    """Say whether a Parquet file says that it belongs to the run with this mark, as this part."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        said = pq.read_metadata(path).metadata or {}
    except (OSError, pa.ArrowException):
        return False
    return said.get(_HASH) == stated.encode() and (number is None or said.get(_NUMBER) == b"%d" % number)


def _read(path: Path) -> pa.Table | None:
    """Return a Parquet file, or None where it is damaged."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # Not pq.read_table, which would look for further files next to it.
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            return file.read()
    except (OSError, pa.ArrowException):
        return None
