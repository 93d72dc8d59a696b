"""What is asked of daily scores."""

from __future__ import annotations

from dataclasses import dataclass

from eaesim.endpoints import dead_rule
from eaesim.evidence.scorerequest import ScoreRequest
from eaesim.protocol.kinds import Text, text
from eaesim.protocol.settings import Setting


@dataclass(frozen=True, kw_only=True)
class ScoresRequest(ScoreRequest):
    """Read daily scores (.csv, .tsv, .txt, .xlsx), and say what they show; nothing is simulated.

    A row is one reading (animal, arm, day, score), or an animal with a column a day; eaesim new scores writes
    one to start from. Every animal counts as far as it was watched. Writes animals.csv, summary.csv,
    tests.csv and a figure.

    Examples
    --------
    >>> ScoresRequest(dead="carry", signs=2).changed()
    {'dead': 'carry', 'signs': 2.0}
    """

    table = "scores"
    title = "A laboratory's own daily scores"

    dead: Text = Setting(
        text(dead_rule, metavar="RULE"),
        "score",
        "Score of the dead: score (that of death from that day on), carry (their last score), or exclude.",
    )
