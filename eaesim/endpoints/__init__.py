"""Clinical read-outs and their statistics."""

from eaesim.endpoints.clinical import (
    DEAD_RULES,
    ENDPOINTS,
    Courses,
    Endpoint,
    Floats,
    endpoint,
    read_endpoints,
    scores_with_dead,
)
from eaesim.endpoints.relapse import relapse_days
from eaesim.endpoints.statistics import Estimate, difference, effect, mean, share

__all__ = [
    "DEAD_RULES",
    "ENDPOINTS",
    "Courses",
    "Endpoint",
    "Estimate",
    "Floats",
    "difference",
    "effect",
    "endpoint",
    "mean",
    "read_endpoints",
    "relapse_days",
    "scores_with_dead",
    "share",
]
