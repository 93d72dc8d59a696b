"""A subject of a page: its animals under each treatment, and its panels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from eaesim.files import Content
from eaesim.livepage.cohort import Animals, animals_of, packed_numbers
from eaesim.livepage.panel import intervals, panel_name, panel_table
from eaesim.livepage.values import replaceable, value_table
from eaesim.model import rat_names
from eaesim.model.pharmacy import load_drug
from eaesim.protocol.dose import STUDIED_DRUG
from eaesim.questions.timing.answer import answer
from eaesim.questions.timing.figurepublished import findings_beside
from eaesim.questions.timing.plan import TimingPlan, plan_timing
from eaesim.questions.timing.request import TimingRequest
from eaesim.questions.timing.result import Timing
from eaesim.solver import Effort, System
from eaesim.workbench.figure.words import rat_words, sentence_case


@dataclass(frozen=True)
class Subject:
    """A subject that has been asked when a dose has to be given.

    Attributes
    ----------
    table
        What a page needs of it.
    systems
        Equations by drug.
    findings
        Ids of the published findings beside its panels.
    """

    table: Mapping[str, Content]
    systems: Mapping[str, System]
    findings: tuple[str, ...]


def ask_subject(requests: Sequence[TimingRequest], effort: Effort) -> Subject:
    """Simulate a subject under the treatments of a page, for the intervals, and return it.

    Parameters
    ----------
    requests
        What is asked of the same subject for each drug.
    effort
        Effort of the computation.

    Raises
    ------
    EaesimError
        If a name, a dose or a number is not allowed.
    """
    treated: dict[str, dict[str, Content]] = {}
    panels: dict[str, dict[str, Content]] = {}
    found: dict[str, dict[str, Content]] = {}
    systems: dict[str, System] = {}
    findings: dict[str, None] = {}
    values: dict[str, Content] = {}
    table: dict[str, Content] = {}
    for request in requests:
        plan = plan_timing(None, request)
        timing = answer(plan, effort)
        for acting in request.acting():
            name, own = treatment_name(request.drug, acting), _animals(plan, acting)
            systems[request.drug] = own.system
            treated[name] = treatment_table(request.drug, acting) | own.packed()
            table |= {"noise": packed_numbers(own.cohort.observer), "death": packed_numbers(own.cohort.death)}
            treated[name]["own"] = replaceable(own)
            values |= value_table(own.own.entries, replaceable(own))
            treated[name]["verdicts"] = verdicts(timing, acting) if request.drug == STUDIED_DRUG else {}
            for panel in timing.panels:
                found.setdefault(panel_name(panel), {})[name] = intervals(timing, panel, acting=acting)
        for panel in timing.panels:
            if panel.drug == STUDIED_DRUG:
                findings |= dict.fromkeys(one.id for one in findings_beside(panel))
            if panel_name(panel) not in panels:
                panels[panel_name(panel)] = panel_table(
                    replace(panel, drug=STUDIED_DRUG), system=own.system, request=request
                )
    rat = timing.panels[0].rat
    table |= {
        "title": sentence_case(rat_words(rat)),
        "about": sentence_case(rat.title),
        "animal": "rat",
        "animals": requests[0].animals,
        "values": values,
        "name": rat.name,
        "isShipped": not rat.ensemble and rat.name in rat_names(),
        "sets": own.sets,
        "treatments": treated,
        "panels": {name: one | {"intervals": found[name]} for name, one in panels.items()},
    }
    return Subject(table, systems, tuple(findings))


def treatment_name(drug: str, acting: str) -> str:
    """Return the name of a treatment in addresses.

    Examples
    --------
    >>> treatment_name("ivig", "H1a"), treatment_name("fingolimod", "fingolimod")
    ('ivig-H1a', 'fingolimod')
    """
    return drug if acting == drug else f"{drug}-{acting}"


def treatment_table(drug: str, acting: str) -> dict[str, Content]:
    """Return what a page says of a treatment: its drug, and what it does.

    Examples
    --------
    >>> treatment_table("ivig", "H2")["title"]
    'expands regulatory T cells'
    """
    whole = load_drug(drug)
    own = {name: whole.mechanisms[name] for name in acting.split("+") if name in whole.mechanisms}
    return {
        "drug": drug,
        "mechanism": "" if acting == drug else acting,
        "title": "; ".join(one.title for one in own.values()) or whole.target or whole.title,
        "site": "; ".join(one.site for one in own.values()) or whole.note,
    }


def verdicts(timing: Timing, acting: str) -> dict[str, Content]:
    """Return the verdict on each published finding beside an immunised rat, of one mechanism.

    Parameters
    ----------
    timing
        Timing of IVIG; there is no verdict on another drug.
    acting
        Mechanism.
    """
    panel = timing.panels[0]
    ids = {one.id for one in findings_beside(panel)}
    rows = timing.tables()["comparison"]
    own = rows["group"].str.startswith(f"{panel.rat.name}, {acting}, ") & rows["finding"].isin(ids)
    return dict(zip(rows["finding"][own], rows["finding_verdict"][own], strict=True))


def _animals(plan: TimingPlan, acting: str) -> Animals:
    """Return the animals of the longest study with a treatment: those of others are the same."""
    study = max(
        (by_mechanism[acting] for by_mechanism in plan.studies.values()), key=lambda one: one.design.until
    )
    return animals_of(
        study,
        arm=study.design.arms[1].name,
        animals=plan.request.animals,
        seed=plan.request.seed,
        sets=plan.members(study.rat),
    )
