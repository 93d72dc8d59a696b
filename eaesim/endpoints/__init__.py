"""Clinical endpoints and their statistics."""

from eaesim.endpoints.clinical import (
    ENDPOINTS,
    Courses,
    Endpoint,
    endpoint,
)
from eaesim.endpoints.dead import DEAD_RULES, Floats, dead_rule, dead_words, scores_with_dead
from eaesim.endpoints.members import (
    NO_MEMBER_ESTIMATE,
    MemberEstimate,
    member_difference,
    member_effect,
    member_mean,
    member_share,
)
from eaesim.endpoints.readout import read_endpoints, read_windows
from eaesim.endpoints.relapse import relapse_days
from eaesim.endpoints.statistics import Estimate, difference, effect, mean, pairs, share
from eaesim.endpoints.student import interval_note

__all__ = [
    "DEAD_RULES",
    "ENDPOINTS",
    "NO_MEMBER_ESTIMATE",
    "Courses",
    "Endpoint",
    "Estimate",
    "Floats",
    "MemberEstimate",
    "dead_rule",
    "dead_words",
    "difference",
    "effect",
    "endpoint",
    "interval_note",
    "mean",
    "member_difference",
    "member_effect",
    "member_mean",
    "member_share",
    "pairs",
    "read_endpoints",
    "read_windows",
    "relapse_days",
    "scores_with_dead",
    "share",
]
