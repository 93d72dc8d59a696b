"""What the codes that a page uses mean: mechanisms, published findings, claims and rows of trials."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from html import unescape

from eaesim.evidence import load_findings
from eaesim.evidence.claims import claims, trial_rows
from eaesim.model import MECHANISMS

_CODE = re.compile(r"(?<![\w./#-])(?:[ABCDEPST][1-9]\d?[a-d]?(?! lesion)|H[1-9][ab]?)(?![\w-])")
_NO_TEXT = re.compile(r"<(script|style|pre)\b.*?</\1>|<[^>]*>", re.DOTALL)
#: Verbs whose tables hold other names of that form: animals of a laboratory, and indices of Sobol.
_OTHERS = {"scores": "ABCDEPST", "fit": "S", "sensitivity": "S"}


def used_codes(html: str, verb: str) -> list[tuple[str, str]]:
    """Return the codes in the text and the drawings of a page, each with its meaning.

    Parameters
    ----------
    html
        The page.
    verb
        The verb whose run it shows.

    Examples
    --------
    >>> used_codes("<p>H7 agrees with A4, and no other.</p>", "timing")[1]
    ('H7', 'neutralises mycobacterial adjuvant')
    """
    used, text = set[str](), unescape(_NO_TEXT.sub(" ", html))
    others = _OTHERS.get(verb, "")
    while found := {one for one in _CODE.findall(text) if one in _meanings() and one[0] not in others} - used:
        used |= found
        text = " ".join(_meanings()[code] for code in found)  # which may use further codes
    return [(code, meaning) for code, meaning in _meanings().items() if code in used]


@cache
def _meanings() -> Mapping[str, str]:
    findings: dict[str, list[str]] = {}
    for one in load_findings():
        findings.setdefault(one.row, []).append(f"{one.endpoint.replace('_', ' ')}: {one.text} ({one.study})")
    found = {row: "; ".join(texts) for row, texts in findings.items()}
    found |= {name: one.title for name, one in MECHANISMS.items()}
    found |= {name: one.text for name, one in claims().items()}
    found |= {name: one.text for name, one in trial_rows().items()}
    return dict(sorted(found.items(), key=lambda item: (item[0][0], int(re.sub(r"\D", "", item[0]) or 0))))
