"""Words in the figures of trials."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from eaesim.questions.trial.shown import amount, word_of
from eaesim.questions.trial.words import ENDPOINT_TITLES, LACKS

if TYPE_CHECKING:
    import pandas as pd

    from eaesim.questions.trial.answer import TrialAnswer

_LONGEST = 24
# A mechanism is better than no effect from this difference of log likelihoods on; assumed.
_BETTER = 2.0


def what(row: pd.Series, *, several: bool) -> str:
    """Return what a row of `with_days` compares; of several trials with its trial and claim."""
    words = ENDPOINT_TITLES.get(row["endpoint"], row["endpoint"])
    days = f", days {row['days']}" if row["days"] else ""
    return f"{row['trial']}, {row['claim']}: {words}{days}" if several else f"{words}, {row['arm']}{days}"


def published_brief(row: pd.Series) -> str:
    """Return what was published in one line: a number with its interval, or words, with p."""
    p = "" if math.isnan(row["published_p"]) else f"p {row['published_p']:g}"
    if not math.isnan(row["published"]):
        ends = "" if math.isnan(row["published_low"]) else _ends(row)
        said = f"{amount(row['published'])}{ends}"
        return said if ends or not p else f"{said}, {p}"
    words = str(row["published_words"]).partition(",")[0]
    whole = ", ".join(filter(None, (words, p)))
    if len(whole) <= _LONGEST:
        return whole
    return ", ".join(filter(None, (word_of(str(row["published_words"])) or f"{words[:_LONGEST]} ...", p)))


def _ends(row: pd.Series) -> str:
    return f" ({amount(row['published_low'])} to {amount(row['published_high'])})"


def title(found: TrialAnswer) -> str:
    """Return the finding, in at most twelve words."""
    names = [trial.name for trial in found.trials]
    mechanisms = list(dict.fromkeys(found.table["mechanism"]))
    if len(mechanisms) > 1:
        best = found.ranking().iloc[0]
        if len(names) == 1 or math.isnan(best["log_likelihood"]):
            return f"{', '.join(names[:3])}: predicted by mechanism, beside published"
        if best["log_likelihood"] < best["no_effect"] + _BETTER:
            return "No mechanism explains the published relapse rates better than no effect"
        missed = f"{best['disagrees']} of {best['rows']}"
        return f"Relapse rates are likeliest under {best['mechanism']}, which misses {missed} rows"
    counted = found.ranking().iloc[0]
    if len(names) == 1:
        return f"{names[0]}: predicted under {mechanisms[0]}, beside published"
    who = ", the typical patient" if found.is_typical else ""
    return (
        f"{mechanisms[0]}{who}: {counted['disagrees']} of {counted['rows']} published comparisons are missed"
    )


def footer(found: TrialAnswer) -> str:
    """Return what the marks are, and what was simulated."""
    asked = found.request
    return (
        f"Diamonds: published, 95 % interval; words have none. Dots: predicted, 90 % of {asked.replicates:,} "
        f"simulated trials of the published size; an arrow: beyond the axis. {simulated(found)}"
    )


def simulated(found: TrialAnswer) -> str:
    """Return which patients were simulated."""
    asked = found.request
    sets = found.placebo["parameter_set"].nunique()
    who = f"The typical patient alone: {LACKS}" if found.is_typical else f"{sets} parameter sets"
    parts = [who]
    if asked.from_lesion is not None:
        parts.append(f"{100 * asked.from_lesion:.0f} % of attacks from lesions")
    if asked.microbial is not None:
        parts.append(f"{100 * asked.microbial:.0f} % of attacks microbial")
    if asked.own_igg:
        parts.append("own IgG acts")
    return f"{', '.join((*parts, f'seed {asked.seed}'))}."
