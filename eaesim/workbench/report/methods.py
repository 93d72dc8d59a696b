"""The methods of a run as text for a supplement; every number in it is read from the code that ran."""

from __future__ import annotations

from dataclasses import dataclass

from eaesim.endpoints import DEAD_RULES, ENDPOINTS, dead_rule
from eaesim.endpoints.bootstrap import CONFIDENCE, RESAMPLES
from eaesim.endpoints.student import ENOUGH, FEWEST
from eaesim.model import STATES
from eaesim.model.card import card_texts
from eaesim.protocol.selection import donors
from eaesim.solver.problem import SCORES_TOLERANCE, Problem
from eaesim.workbench.question import asked_by
from eaesim.workbench.report.description import run_design
from eaesim.workbench.report.folder import RunFolder


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph with its own heading.

    Attributes
    ----------
    heading
        What it is about.
    text
        What was done.
    """

    heading: str
    text: str


def methods(run: RunFolder, *, is_simulated: bool) -> list[Paragraph]:
    """Return the methods of a run.

    Parameters
    ----------
    run
        The run.
    is_simulated
        Whether rats were simulated; a laboratory's own scores need no model.
    """
    dead = dead_rule(str(run.settings.get("dead", "score")), is_kept=True)
    own = _simulation(run) if is_simulated else []
    titles = ", ".join(one.title for one in ENDPOINTS.values())
    return [
        *own,
        Paragraph(
            "Endpoints",
            f"Endpoints are read as a laboratory would: {titles}. Scores: 0 none, 1 limp tail, 2 hind-limb "
            "weakness, 3 hind-limb paralysis, 4 forelimbs too or moribund, 5 dead. In scores, "
            f"{DEAD_RULES[dead]}. Means are over all animals of an arm.{_windows(run)}",
        ),
        *(_statistics() if is_simulated else []),
        *_own(run),
    ]


def _own(run: RunFolder) -> list[Paragraph]:
    question = asked_by(run.verb)
    return [] if question is None else [Paragraph(question.title, question.methods)]


def _windows(run: RunFolder) -> str:
    """Explain windows, if the run has one."""
    design, asked = run_design(run), run.settings.get("endpoints")
    names = [*(design.endpoints if design else ()), *(asked if isinstance(asked, list) else ())]
    if not any("[" in str(name) for name in names):
        return ""
    return (
        " For an endpoint with a window, such as [12:42], only the daily readings of these days count, from "
        "the first induction on and both included."
    )


def _simulation(run: RunFolder) -> list[Paragraph]:
    tolerance = Problem.relative_tolerance
    if run.settings.get("engine") == "reference":
        method = "SciPy's DOP853, and Radau for a rat that is too stiff for it"
    else:
        method = (
            "Sharp and Verner's method of order 6 (doi:10.1137/0731061) in single precision, with what each "
            "state loses by rounding carried to the next step"
        )
        if run.settings.get("accuracy") == "scores":
            tolerance = SCORES_TOLERANCE
            method = (
                "Tsitouras' pair of orders 5 and 4 (doi:10.1016/j.camwa.2011.06.002) in single precision, as "
                "exact as daily scores need, with days read by its interpolant"
            )
        method += (
            ", compiled, with a separate step for each rat; a rat that is too stiff for it is solved with an "
            "implicit method"
        )
    return [
        Paragraph(
            "Model",
            f"A rat is {len(STATES)} ordinary differential equations, given below with every parameter. "
            f"{' '.join(card_texts()['rule'])}",
        ),
        Paragraph(
            "Solver",
            f"{method}. Relative tolerance {tolerance:g}; the absolute one scales with the size of each "
            "state. "
            "The start and the end of every dose, and every induction, is a boundary of integration, so that "
            "no dose falls between two steps. A rat that cannot be solved is reported with a reason, left "
            'out of its pairs, and counted in the column "failed".',
        ),
        Paragraph(
            "Random numbers",
            "Variation between rats (parameters with a spread, the observer's error on each day, the hazard "
            "of death) depends only on the seed, the number of the rat and the day, not on the arms, the "
            "order, the number of rats or of processors: every arm has the same rats.",
        ),
        *_cells(run),
    ]


def _cells(run: RunFolder) -> list[Paragraph]:
    """Explain which cells are taken from donors, if cells come from another arm."""
    design = run_design(run)
    if design is None or not any(donors(design).values()):
        return []
    text = (
        "Transferred cells are those of the same rat in the donors' arm on the day of harvest: the last two "
        "stages of expansion, both stages of licensing and effectors in the blood, neither memory cells nor "
        "those in the CNS. A donor that is dead by then gives none; its recipient is left out and counted."
    )
    return [Paragraph("Cells of donors", text)]


def _statistics() -> list[Paragraph]:
    return [
        Paragraph(
            "Statistics",
            "Differences between arms are paired: each rat is compared with itself under the control. An "
            f"effect is 1 - treated/control of the means. Intervals hold {100 * CONFIDENCE:.0f} % and come "
            f"from {RESAMPLES:,} resamples of rats (bootstrap), pairs kept, unless a table says "
            f"otherwise; of fewer than {ENOUGH} rats from Student's t, and of fewer than {FEWEST} there is "
            "none.",
        ),
        Paragraph(
            "Uncertainty",
            "Where the run drew from an ensemble (parameter sets consistent with the published data), the "
            "columns low and high include parameter uncertainty and variation between rats; animal low and "
            "animal high the rats alone. They do not include model misspecification.",
        ),
    ]
