"""Uncertain timing in words."""

CAPTION = "Effect against the days by which a dose comes early or late. A prediction."
METHODS = (
    "Treated and control are the excess over the same rats without rechallenge. A repeated dose is given "
    "from four weeks before the relapse to two weeks after its induction, in four phases of each interval."
)
