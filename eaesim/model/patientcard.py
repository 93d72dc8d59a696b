"""What the card of a patient says instead of that of a rat."""

from __future__ import annotations

#: What a patient is here, and what it is not.
PATIENT = (
    "The equations are those of the rat; values marked * differ from the rat's, each with its source. "
    "Whatever is not marked is the rat's.",
    "Numbers said to be fitted were fitted to the natural history of patients without treatment and to what "
    "natalizumab leaves of their relapses. Nothing was fitted to a patient on IVIG, unless a plateau is "
    "asked for (from_lesion). The strengths of IVIG are those of the rat.",
    "Own IgG, 10 g/L and more, does not act like given IgG, unless that is asked for (own_igg). So H1 needs "
    "something that pooled IgG has and a patient's own has not. It is an assumption.",
    "Effects of IVIG on days on which no trial gave it are predictions.",
)
