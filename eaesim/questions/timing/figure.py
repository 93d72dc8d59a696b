"""The timing figure: courses, then the effect of a dose by its day, published findings on top."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from eaesim.endpoints import DEAD_RULES, endpoint
from eaesim.proportion import percent
from eaesim.protocol.dose import parse_dose
from eaesim.questions.timing.figurecourses import course_panel, draw_course_panel, height_of_courses
from eaesim.questions.timing.figurepublished import has_own_reading, published
from eaesim.questions.timing.panel import CALIBRATED, Panel
from eaesim.questions.timing.result import SMALL_EFFECT, Timing
from eaesim.workbench.figure.effect import ROW, EffectCurve, draw_effects, strip_height
from eaesim.workbench.figure.page import (
    DOSE_COLOURS,
    DOUBLE,
    HIGHEST,
    IVIG,
    MARGIN,
    MEAN,
    MECHANISM_COLOURS,
    MECHANISM_DASHES,
    OF_SETS,
    SECOND,
    SINGLE,
    SMALLEST,
    Dash,
    Page,
    edges,
    fit,
    head,
    line,
)
from eaesim.workbench.figure.words import changes_words, mechanism_words, rat_words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# More mechanisms on the same axes cannot be told apart; then each has axes of its own, so many in a row.
MOST_MECHANISMS, COLUMNS = 3, 4
# The layout, in millimetres: beside the axes, below them, between panels, and the axes of a panel.
LEFT, RIGHT, BELOW, GAP, TALL = 14.0, 3.0, 8.5, 4.0, 30.0
# The same of small axes: beside the first, between two, below a panel; their largest and smallest height.
EDGE, BETWEEN, UNDER, SMALL, LEAST = 10.0, 3.0, 5.0, 20.0, 8.0
LETTERS = "abcdefgh"
EVENTS = {"immunisation": "immunisation", "relapse": "relapse induction"}
# An effect in percent that is written as 0.
FLAT = 0.5


def figure(timing: Timing) -> Figure:
    """Draw the effect of a dose against the day it is given.

    Parameters
    ----------
    timing
        Its panels share one scale. Mechanisms that cannot share axes have axes of their own.

    Returns
    -------
    matplotlib.figure.Figure
        Dashed where no experiment was done on that day; a panel in which none was done is a prediction.
    """
    return _split(timing) if _is_split(timing) else _joint(timing)


def _is_split(timing: Timing) -> bool:
    mechanisms = set(timing.table["mechanism"])
    many = len(mechanisms) > MOST_MECHANISMS or timing.table["dose"].nunique() > 1
    return len(mechanisms) > 1 and (many or not mechanisms <= set(MECHANISM_COLOURS))


def drawn_panels(timing: Timing) -> tuple[Panel, ...]:
    """Return the panels that are drawn: a relapse with adjuvant has no room beside courses or many axes."""
    rows = math.ceil(timing.table["mechanism"].nunique() / COLUMNS)
    if _is_split(timing):
        return timing.panels[: 3 if rows < 3 else 2 if rows == 3 else 1]
    return timing.panels[: 3 if timing.courses else 4]


def drawn_endpoint(timing: Timing, panel: Panel) -> str:
    """Return the endpoint that is drawn: where a published number has a reading of its own, that one."""
    is_read = CALIBRATED in set(timing.table["endpoint"])
    return CALIBRATED if is_read and has_own_reading(panel) else panel.endpoint


def _joint(timing: Timing) -> Figure:
    """Draw the courses and every panel with all curves, two beside each other."""
    panels = drawn_panels(timing)
    cells: list[Panel | None] = [*([None] if timing.courses else []), *panels]
    columns = min(2, len(cells))
    sheet = DOUBLE if columns == 2 else SINGLE
    width = (sheet - 2 * MARGIN - (columns - 1) * GAP) / columns
    names = [course_panel(timing) if panel is None else _name(timing, panel) for panel in cells]
    heads = max(head(*name, width) for name in names)
    said = {id(panel): published(panel, drawn_endpoint(timing, panel)) for panel in panels}
    rows = range(math.ceil(len(cells) / columns))
    strips = [
        max(strip_height(said[id(panel)][1]) for panel in cells[row * columns :][:columns] if panel)
        for row in rows
    ]
    bodies = [max(strips[row] + TALL + 1.0, 0.0 if row else height_of_courses(timing)) for row in rows]
    pitches = [heads + body + BELOW + GAP for body in bodies]
    page, start = _page(timing, sheet, sum(pitches) - GAP)
    limits, (lowest, highest) = _limits(timing), _range(timing)
    for place, (panel, name) in enumerate(zip(cells, names, strict=True)):
        row, column = divmod(place, columns)
        left, top = MARGIN + column * (width + GAP), start + sum(pitches[:row])
        page.panel(LETTERS[place] if len(cells) > 1 else "", *name, left=left, top=top, width=width)
        if panel is None:
            draw_course_panel(page, timing, left=left + LEFT, top=top + heads, width=width - LEFT)
            continue
        if panel.empty:
            _write_reason(page, panel, left=left + LEFT, top=top + heads, width=width - LEFT - RIGHT)
            continue
        numbers, statements = said[id(panel)]
        drawn = drawn_endpoint(timing, panel)
        draw_effects(
            page,
            _curves(timing, panel),
            numbers=numbers,
            statements=statements,
            left=left + LEFT,
            top=top + heads + bodies[row] - TALL,
            width=width - LEFT - RIGHT,
            height=TALL,
            strip=strips[row],
            limits=limits,
            lowest=lowest,
            highest=highest,
            onset=panel.onset,
            axis=_axis(drawn),
            days=_days(panel),
        )
    return page.figure


def _split(timing: Timing) -> Figure:
    """Draw axes for every mechanism, four beside each other, below the name of their panel."""
    panels = drawn_panels(timing)
    mechanisms, flat = _acting(timing)
    rows = math.ceil(len(mechanisms) / COLUMNS)
    columns = math.ceil(len(mechanisms) / rows)
    room = DOUBLE - 2 * MARGIN
    width = (room - EDGE - (columns - 1) * BETWEEN - RIGHT) / columns
    said = [published(panel, drawn_endpoint(timing, panel)) for panel in panels]
    strips = [len(statements) * ROW + 0.6 for _, statements in said]
    # What a mechanism does is written once, in the first panel.
    names = [[fit(mechanism_words(one), width, SMALLEST) for one in mechanisms], mechanisms]
    lines = [max(name.count("\n") + 1 for name in each) for each in names]
    above = [lines[place > 0] * line(SMALLEST) + strip + 1.5 for place, strip in enumerate(strips)]
    none = f"; none on any day by {', '.join(flat)}" if flat else ""
    titles = [
        (title, f"{what}: prevented (%){none}") for title, what in (_name(timing, one) for one in panels)
    ]
    heads = [head(*title, room) for title in titles]
    fixed = sum(heads) + len(panels) * (UNDER + 2.0) + rows * sum(each + 2.0 for each in above)
    free = HIGHEST - sum(edges(_title(timing), _footer(timing), DOUBLE)) - fixed
    small = min(SMALL, max(LEAST, free / (rows * len(panels))))
    page, top = _page(timing, DOUBLE, fixed + rows * len(panels) * small)
    limits, (lowest, highest) = _limits(timing), _range(timing)
    for number, panel in enumerate(panels):
        page.panel(
            LETTERS[number] if len(panels) > 1 else "", *titles[number], left=MARGIN, top=top, width=room
        )
        top += heads[number]
        if panel.empty:
            _write_reason(page, panel, left=MARGIN + EDGE, top=top, width=room - EDGE)
        for place, mechanism in enumerate(() if panel.empty else mechanisms):
            row, column = divmod(place, columns)
            left = MARGIN + EDGE + column * (width + BETWEEN)
            at = top + row * (above[number] + small + 2.0)
            page.write(names[number > 0][place], left, at, size=SMALLEST)
            # An id stands once in a file.
            numbers = [
                replace(one, id="" if place else one.id, label=one.label.split()[0])
                for one in said[number][0]
            ]
            marks = [replace(one, ids="" if place else one.ids, label=one.rows) for one in said[number][1]]
            axes = draw_effects(
                page,
                _curves(timing, panel, mechanism),
                numbers=numbers,
                statements=marks,
                left=left,
                top=at + above[number],
                width=width,
                height=small,
                strip=strips[number],
                limits=limits,
                lowest=lowest,
                highest=highest,
                onset=panel.onset,
                axis="%" if column == 0 else "",
                days="",
                untested="",
                has_words=False,
            )
            axes.tick_params(labelleft=column == 0, labelbottom=place + columns >= len(mechanisms))
        top += rows * (above[number] + small + 2.0) + UNDER + 2.0
        if not panel.empty:
            middle = MARGIN + EDGE + (columns * (width + BETWEEN) - BETWEEN) / 2
            page.write(_days(panel), middle, top - UNDER + 0.2, ha="center", size=SMALLEST)
    return page.figure


def _acting(timing: Timing) -> tuple[list[str], list[str]]:
    """Return the mechanisms that have axes, and those whose effect is zero on every day."""
    largest = (100 * timing.table["effect"].abs()).groupby(timing.table["mechanism"], sort=False).max()
    flat = [str(name) for name in largest.index[largest < FLAT]]
    return [str(name) for name in largest.index if name not in flat] or flat, flat


def _page(timing: Timing, width: float, height: float) -> tuple[Page, float]:
    """Return a page with so much room between its title and its foot, and where that begins."""
    return Page.around(
        width,
        height,
        title=_title(timing),
        footer=_footer(timing),
        alt=f"Graphs of the effect of {timing.drug_words} against the day of the dose. {timing.sentence()}",
    )


def _curves(timing: Timing, panel: Panel, only: str = "") -> list[EffectCurve]:
    """Return a curve for every mechanism and dose of a panel, or of one mechanism alone."""
    rows = timing.rows(panel, endpoint=drawn_endpoint(timing, panel))
    mechanisms = [only] if only else list(dict.fromkeys(rows["mechanism"]))
    doses = sorted(dict.fromkeys(rows["dose"]), key=lambda dose: parse_dose(dose).amount)
    has_range = panel.members > 1 and len(doses) == 1
    curves = []
    for place, mechanism in enumerate(mechanisms):
        for rank, dose in enumerate(doses):
            own = rows[(rows["mechanism"] == mechanism) & (rows["dose"] == dose)].sort_values("day")
            effect, low, high = (100 * own[name].to_numpy() for name in _COLUMNS)
            colour = MECHANISM_COLOURS[mechanism] if len(mechanisms) > 1 else IVIG
            label = mechanism if len(mechanisms) > 1 else dose if len(doses) > 1 else ""
            if not label and np.isfinite(effect).any():
                label = f"{np.nanmax(effect):.0f} %"
            curves.append(
                EffectCurve(
                    own["day"].to_numpy(float),
                    effect,
                    low,
                    high,
                    [not unknown for unknown in own["prediction"]],
                    label=label,
                    colour=_shade(rank / (len(doses) - 1)) if len(doses) > 1 else colour,
                    dash=_dash(mechanism if len(mechanisms) > 1 else "H1a", rank, len(doses)),
                    width=MEAN if place == 0 else SECOND,
                    has_band=has_range and place == 0,
                    has_outline=has_range and place == 1,
                )
            )
    return curves


_COLUMNS = ("effect", "effect_low", "effect_high")


def _dash(mechanism: str, rank: int, doses: int) -> Dash:
    """Return the dashes of a line; where blues of many doses are near each other, neighbours differ."""
    dashes = tuple(MECHANISM_DASHES.values())
    return dashes[rank % len(dashes)] if doses > len(dashes) else MECHANISM_DASHES[mechanism]


def _shade(rank: float) -> str:
    """Return the blue of a dose whose rank lies between 0, the smallest, and 1."""
    from matplotlib.colors import LinearSegmentedColormap, to_hex

    return to_hex(LinearSegmentedColormap.from_list("doses", DOSE_COLOURS)(rank))


def _write_reason(page: Page, panel: Panel, *, left: float, top: float, width: float) -> None:
    page.write(fit(panel.reason.capitalize(), width, SMALLEST), left, top, size=SMALLEST)


def _limits(timing: Timing) -> tuple[float, float]:
    days = timing.table["day"]
    marked = [panel.onset for panel in timing.panels if math.isfinite(panel.onset)]
    for panel in drawn_panels(timing):
        numbers, statements = published(panel, drawn_endpoint(timing, panel))
        marked += [*(one.day for one in numbers), *(one.first for one in statements)]
    first, last = min(0.0, days.min(), *marked), max(0.0, days.max(), *marked)
    margin = 0.03 * (last - first) or 1.0
    return first - margin, last + margin


def _range(timing: Timing) -> tuple[float, float]:
    """Return the ends of the axes of effects: 0 to 100 where all that is drawn lies between."""
    drawn = [
        100 * timing.rows(panel, endpoint=drawn_endpoint(timing, panel))[list(_COLUMNS)]
        for panel in drawn_panels(timing)
    ]
    has_band = max(panel.members for panel in timing.panels) > 1
    top = max((each["effect_high" if has_band else "effect"].max() for each in drawn), default=0.0)
    low = min((each["effect"].min() for each in drawn), default=0.0)
    highest = 125.0 if top > 100.5 else 100.0
    return (25.0 * math.floor(low / 25) if low < -4 else -4.0), highest


def _name(timing: Timing, panel: Panel) -> tuple[str, str]:
    """Return the title and the subtitle of a panel."""
    event = "immunised"
    if panel.relapse:
        event = f"relapse induced {'without' if panel.adjuvant == 'none' else 'with'} adjuvant"
    what = endpoint(drawn_endpoint(timing, panel)).title
    return (
        f"{rat_words(panel.rat)}, {event}{': PREDICTION' if panel.prediction else ''}",
        f"{what} in excess of rats not induced" if panel.relapse else what,
    )


def _axis(name: str) -> str:
    return f"{endpoint(name).title.partition(' of the relapse')[0].partition(',')[0]}\nprevented (%)"


def _days(panel: Panel) -> str:
    return f"dosing day (days after {EVENTS[panel.around]})"


def _title(timing: Timing) -> str:
    """Return the finding: what the dose nearest to the induction does, and from when on it hardly acts.

    Of many mechanisms it is which of them work best when given late.
    """
    panel = next((one for one in timing.panels if not one.empty), None)
    if panel is None:
        return "No relapse that a dose could prevent"
    name = drawn_endpoint(timing, panel)
    rows = timing.rows(panel, endpoint=name)
    if rows["mechanism"].nunique() > MOST_MECHANISMS and rows["effect"].notna().any():
        return _best_days(timing, panel, name)
    near = rows[rows["day"].abs() == rows["day"].abs().min()]
    at = near.loc[near["effect"].idxmax()] if near["effect"].notna().any() else near.iloc[0]
    rows = rows[(rows["mechanism"] == at["mechanism"]) & (rows["dose"] == at["dose"])]
    several = [str(at[column]) for column in ("mechanism", "dose") if timing.table[column].nunique() > 1]
    who = f"{timing.drug_words} ({', '.join(several)})" if several else timing.drug_words
    when = EVENTS[panel.around] if at["day"] == 0 else f"day {at['day']:g}"
    if not at["effect"] > SMALL_EFFECT:
        return f"{who} at {when} hardly changes the {endpoint(name).title}"
    late = rows[rows["day"] > rows[~(rows["effect"] < SMALL_EFFECT)]["day"].max()]["day"]
    after = f", hardly from day {late.min():g} on" if len(late) else ""
    said = f"{'Predicted: ' if panel.prediction else ''}{who}"
    whom = "" if panel.prediction else " rats"
    return f"{said} protects{whom} at {when} ({percent(at['effect'])}){after}"


def _best_days(timing: Timing, panel: Panel, name: str) -> str:
    """Return which mechanisms prevent most when dosed by the induction, and which when dosed later."""
    rows, flat = timing.rows(panel, endpoint=name), _acting(timing)[1]
    best = rows.loc[rows.groupby("mechanism", sort=False)["effect"].idxmax().dropna()]
    days = {str(one): float(day) for one, day in zip(best["mechanism"], best["day"], strict=True)}
    early = [one for one, day in days.items() if one not in flat and day <= 0]
    late = [one for one, day in days.items() if one not in flat and day > 0]
    said = [f"{when}: {', '.join(names)}" for when, names in (("early", early), ("late", late)) if names]
    start = "Predicted: best dosed" if panel.prediction else "Best dosed"
    return f"{start} {'; '.join(said)}" if said else "No mechanism has an effect on any day"


def _footer(timing: Timing) -> str:
    mechanisms, doses = (list(dict.fromkeys(timing.table[name])) for name in ("mechanism", "dose"))
    members, failed = max(panel.members for panel in timing.panels), int(timing.table["failed"].max())
    said = any(any(published(panel, drawn_endpoint(timing, panel))) for panel in drawn_panels(timing))
    band = "Band"
    if len(mechanisms) > 1 and not _is_split(timing):
        band = f"Band ({mechanisms[0]}), thin lines ({mechanisms[1]})"
    parts = [
        f"{_counted(mechanisms, 'mechanisms')}, {_counted(doses, 'doses')}, seed {timing.seed}.",
        "Typical rat." if members == 1 else f"{members} parameter sets." if len(doses) > 1 else "",
        "Darker: larger dose." if len(doses) > 1 and len(mechanisms) > 1 else "",
        f"{band}: {OF_SETS} ({members})." if members > 1 and len(doses) == 1 else "",
        f"Dashed: day not tested{'; upright: first signs' if _is_split(timing) else ''}.",
        ("Hollow: fitted." if _is_split(timing) else "Black: published; hollow: fitted.") if said else "",
        *dict.fromkeys(changes_words(panel.rat) for panel in timing.panels),
        f"{DEAD_RULES[timing.dead].capitalize()}." if timing.dead != "score" else "",
        f"Up to {failed} of {timing.animals} rats could not be solved." if failed else "",
    ]
    return " ".join(part for part in parts if part)


def _counted(names: Sequence[str], what: str) -> str:
    """Return names, or how many there are where each has a label in the drawing."""
    return ", ".join(names) if len(names) <= MOST_MECHANISMS else f"{len(names)} {what}"
