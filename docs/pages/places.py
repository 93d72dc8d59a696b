"""Where in the documentation each code stands: a finding, a mechanism, a parameter, a source, a verb."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eaesim.cli.labelled import Explanation

#: Codes in running text; names of parameters, states and endpoints are found where they are set as code.
IN_TEXT = re.compile(
    r"(?<![\w./#-])((?:[ABE][1-9]\d?[a-d]?|[CDPS][1-9]\d?|T[1-9]\d?(?! lesion)|H[1-9][ab]?)(?:\.[a-z]\w*)*|"
    r"[A-Z][A-Za-zÀ-ž]+(?:19|20)\d\d[a-z]?)(?![\w-])"
)

#: Pages of claims, of rows of trials, and of trials.
CLAIMS, ROWS, TRIALS = "evidence/s", "evidence/t", "evidence/trials"


@dataclass(frozen=True)
class Place:
    """Where a code is explained.

    Attributes
    ----------
    page
        Page, without its ending.
    anchor
        Anchor in it.
    title
        What the code is, in a few words.
    """

    page: str
    anchor: str
    title: str


def anchor(code: str) -> str:
    """Return the anchor of a code.

    Examples
    --------
    >>> anchor("A3.peak_score")
    'code-a3-peak-score'
    """
    return "code-" + re.sub(r"[^a-z0-9]+", "-", code.casefold()).strip("-")


def trial_anchor(name: str) -> str:
    """Return the anchor of a trial, whose name may differ from that of its paper by a capital letter alone.

    Examples
    --------
    >>> trial_anchor("achiron1998"), anchor("Achiron1998")
    ('code-trial-achiron1998', 'code-achiron1998')
    """
    return anchor(f"trial {name}")


@cache
def explained(code: str) -> Explanation:
    """Return what `eaesim show` says of a code.

    Examples
    --------
    >>> explained("H1a").title
    'H1a: IVIG blocks maturation of dendritic cells'
    """
    return _codes()[code]()


@cache
def _codes() -> Mapping[str, Callable[[], Explanation]]:
    from eaesim.cli.explanation import codes

    return codes()


@cache
def places() -> Mapping[str, Place]:
    """Return the place of every code.

    Examples
    --------
    >>> places()["H1a"].page
    'model/mechanisms'
    """
    from eaesim.cli.explanation import TABLES
    from eaesim.endpoints import ENDPOINTS
    from eaesim.evidence import load_findings
    from eaesim.evidence.claims import claims, trial_rows
    from eaesim.model import MECHANISMS, STATES
    from eaesim.model.bibliography import bibliography
    from eaesim.model.pharmacy import drug_names
    from eaesim.protocol.trialfile import not_simulable, trial_names

    trials = (*trial_names(), *not_simulable())
    pages = {one.id: f"evidence/{one.table.casefold()}" for one in load_findings()}
    pages |= {one.row: pages[one.id] for one in load_findings()}
    pages |= {letter: f"evidence/{letter.casefold()}" for letter in TABLES}
    for names, page in (
        (MECHANISMS, "model/mechanisms"),
        (bibliography(), "evidence/sources"),
        (STATES, "model/states"),
        (ENDPOINTS, "model/endpoints"),
        (drug_names(), "model/drugs"),
        (("S", *claims()), CLAIMS),
        (("T", *trial_rows()), ROWS),
        (trials, TRIALS),
    ):
        pages |= dict.fromkeys(names, page)
    found = {}
    for code in _codes():
        title = explained(code).title.removeprefix(f"{code}: ")
        page = pages.get(code, "model/parameters")
        place = trial_anchor(code) if page == TRIALS else anchor(code)
        found[code] = Place(page, place, title if title != code else "")
    return found | {"H1": found["H1a"]}


def link_of_code(code: str) -> Place | None:
    """Return the place that a name set as code links to; None if it is no code, or an index of Sobol.

    ``S1`` is a claim and that index; in running text it is the claim.

    Examples
    --------
    >>> link_of_code("aims").page, link_of_code("S2").page, link_of_code("S1")
    ('evidence/trials', 'evidence/s', None)
    """
    return None if code == "S1" else places().get(code)
