"""Published findings as data, each with its source and its use, and how a model result stands to them."""

from eaesim.evidence.findings import finding, load_findings
from eaesim.evidence.laboratory import LaboratoryScores, read_scores
from eaesim.evidence.laboratoryresult import LaboratoryResult
from eaesim.evidence.record import Finding
from eaesim.evidence.verdict import Verdict, judge_effect, judge_mean, published_effect, published_interval

__all__ = [
    "Finding",
    "LaboratoryResult",
    "LaboratoryScores",
    "Verdict",
    "finding",
    "judge_effect",
    "judge_mean",
    "load_findings",
    "published_effect",
    "published_interval",
    "read_scores",
]
