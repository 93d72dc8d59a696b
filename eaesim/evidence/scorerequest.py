"""How a laboratory's table of scores is read: settings of every analysis of one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from eaesim.endpoints.followup import LOST_RULES
from eaesim.errors import ProtocolError
from eaesim.evidence.laboratory import SCALE_MAX, LaboratoryScores, read_scores
from eaesim.evidence.scoremarks import meaning
from eaesim.protocol.kinds import (
    MaybeNamed,
    MaybeNumber,
    MaybeText,
    MaybeTexts,
    Number,
    choice,
    listed,
    number,
    optional,
    text,
)
from eaesim.protocol.quantity import shown
from eaesim.protocol.settings import Setting, Settings
from eaesim.protocol.tablekinds import assignments

if TYPE_CHECKING:
    import pandas as pd

    ScoreTable = str | Path | pd.DataFrame

_COLUMN = optional(text(metavar="COLUMN"))


@dataclass(frozen=True, kw_only=True)
class ScoreRequest(Settings):
    """Base of requests that analyse daily scores.

    Examples
    --------
    >>> ScoreRequest(scale_max=4, animal=["cage", "animal"]).changed()
    {'scale_max': 4.0, 'animal': ['cage', 'animal']}
    """

    input = "data"

    control: MaybeText = Setting(optional(text()), None, "Arm that the others are compared with.")
    sheet: MaybeText = Setting(optional(text()), None, "Sheet of an .xlsx file.")
    scale_max: Number = Setting(number(), SCALE_MAX, "Top of your scale.")
    dead_score: MaybeNumber = Setting(
        optional(number()), None, "Score of death; default: the top of the scale."
    )
    animal: MaybeTexts = Setting(
        optional(listed(text(metavar="COLUMN"))), None, "Columns that together name an animal."
    )
    arm: MaybeText = Setting(_COLUMN, None, "Column of arms; none: all animals are in one arm.")
    day: MaybeText = Setting(_COLUMN, None, "Column of days, where a row is one reading or one day.")
    score: MaybeText = Setting(_COLUMN, None, "Column of scores, where a row is one reading.")
    day_zero: MaybeText = Setting(
        optional(text(metavar="DATE")), None, "Date of day 0, where the table has dates."
    )
    marks: MaybeNamed = Setting(
        optional(assignments(text(meaning), metavar="WORD=MEANING")),
        None,
        "Meaning of a word in a cell: dead, removed, sacrificed or missing. Repeatable.",
        option="mark",
    )
    lost: MaybeText = Setting(
        optional(choice("rule for the lost", LOST_RULES)),
        None,
        "Cumulative score of animals lost before the last day: score (that of death from then on), carry "
        "(their last score), or exclude; by default withheld for those lost with signs.",
    )
    signs: Number = Setting(number(), 1.0, "Lowest score that counts as a sign.")

    def read(self, table: ScoreTable) -> tuple[LaboratoryScores, dict[str, str]]:
        """Read a file, or a data frame with the same columns, as `eaesim.read_scores` does.

        Also returns the file's name and a fingerprint of its content, for a manifest.
        """
        if hasattr(table, "to_csv"):
            with TemporaryDirectory() as folder:
                table.to_csv(Path(folder, "table.csv"), index=False)
                return self.read(Path(folder, "table.csv"))
        if not isinstance(table, str | Path):
            raise ProtocolError(f"scores are a file or a data frame; given: {shown(table)}.")
        own = [one.name for one in fields(ScoreRequest) if one.name not in ("lost", "signs")]
        scores = read_scores(table, **{name: getattr(self, name) for name in own})
        content = hashlib.sha256(Path(table).read_bytes()).hexdigest()
        return scores, {"file": Path(table).name, "content": content}
