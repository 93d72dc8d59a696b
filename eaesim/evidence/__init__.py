"""Published findings as data, each with its source and use, and their comparison with model results."""

from eaesim.evidence.findings import finding, load_findings
from eaesim.evidence.judge import VERDICTS, Verdict, combined, judge, judged_by
from eaesim.evidence.laboratory import LaboratoryScores, read_scores
from eaesim.evidence.published import published_effect
from eaesim.evidence.record import Finding

__all__ = [
    "VERDICTS",
    "Finding",
    "LaboratoryScores",
    "Verdict",
    "combined",
    "finding",
    "judge",
    "judged_by",
    "load_findings",
    "published_effect",
    "read_scores",
]
