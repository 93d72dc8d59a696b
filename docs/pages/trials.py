"""The trials in patients, the published data behind them, and the claims that they bear on."""

from __future__ import annotations

from collections.abc import Iterable

from pages.evidence import explained_terms
from pages.markdown import page, plain
from pages.places import CLAIMS, ROWS, TRIALS, anchor, explained, trial_anchor


def pages() -> dict[str, str]:
    """Return the pages of the trials by path.

    Examples
    --------
    >>> list(pages())
    ['evidence/s.md', 'evidence/t.md', 'evidence/trials.md']
    """
    from eaesim.evidence.claims import claims, trial_rows
    from eaesim.protocol.trialfile import not_simulable, trial_names

    return {
        f"{CLAIMS}.md": _page("S", "What a review of trials says of IVIG.", claims()),
        f"{ROWS}.md": _page("T", "What each trial of IVIG in patients reported.", trial_rows()),
        f"{TRIALS}.md": page(
            "Trials in patients",
            "`eaesim trial NAME` simulates one and compares it with what was published.",
            *(_section(name, trial_anchor(name)) for name in (*trial_names(), *not_simulable())),
        ),
    }


def _page(letter: str, introduction: str, codes: Iterable[str]) -> str:
    return page(
        explained(letter).title,
        f"({anchor(letter)})=",
        introduction,
        *(_section(code, anchor(code)) for code in codes),
    )


def _section(code: str, place: str) -> str:
    one = explained(code)
    return f"({place})=\n\n## {plain(one.title)}\n\n{explained_terms(one.entries)}"
