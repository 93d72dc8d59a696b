"""The figure of a result, whatever its type, and its two files."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from io import StringIO
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Protocol, runtime_checkable
from xml.sax.saxutils import escape

from eaesim.errors import FileError, UnknownNameError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from eaesim.study import Result

# A figure with a title and a description has the width of a journal's column, and so more dots an inch.
DOTS_PER_INCH, DOTS_OF_PAGES = 150, 300
# Letters stay letters in an SVG, in the first of these families that a reader has; none is wider than DejaVu,
# by which the layout is measured.
_FAMILIES = "Arial, Helvetica, 'Liberation Sans', 'DejaVu Sans', sans-serif"
_FAMILY = re.compile(r"'DejaVu Sans'(, [^;\"]*)?(?=[;\"])")
# What names the parts inside an SVG file; any fixed text gives the same bytes every time.
_SALT = "eaesim"
# Matplotlib keeps the salt in a setting of the whole process, so two files are never written at once.
_WRITING = Lock()
# A dollar sign that is not escaped.
_DOLLAR = re.compile(r"(?<!\\)\$")


@runtime_checkable
class Drawable(Protocol):
    """The answer of a question, which draws itself."""

    def figure(self, *, endpoint: str | None = None) -> Figure:
        """Draw it."""


def plot(x: Result | Drawable, *, endpoint: str | None = None, group: int | None = None) -> Figure:
    """Draw a result.

    Parameters
    ----------
    x
        The answer of a question, such as `eaesim.timing` gives, or the `Result` of a study (courses, and
        one endpoint by arm).
    endpoint
        For a `Result` or a `SweepResult`: the endpoint that is drawn, by default the first window that the
        study names, else ``"peak_score"``. For a `Power`: the only one, instead of all.
    group
        For a `Result`: animals in the groups whose range is drawn around a mean, by default 8.

    Returns
    -------
    matplotlib.figure.Figure
        Bound to no window and to no global state; `save` writes it, a notebook shows it.

    Raises
    ------
    UnknownNameError
        If it is neither, or the endpoint is unknown, or its figure has no endpoint or group to choose.

    Examples
    --------
    >>> from eaesim import timing
    >>> figure = plot(timing("lewis", induction="immunisation", days=[0, 7], animals=2))
    >>> [axes.get_xlabel() for axes in figure.axes if axes.get_xlabel()]
    ['days after immunisation', 'dosing day (days after immunisation)']
    """
    from eaesim.endpoints.groups import MOST_GROUP
    from eaesim.protocol.quantity import count
    from eaesim.study import Result
    from eaesim.workbench.figure.study import study_figure

    chosen: dict[str, int] = {}
    if group is not None:
        if not isinstance(x, Result):
            raise UnknownNameError(f"a figure of {type(x).__name__} has no group to choose; leave group out.")
        chosen["group"] = count(group, what="group", least=1, most=MOST_GROUP)
    if isinstance(x, Drawable):
        draw: Callable[..., Figure] = x.figure
        return _shown_in_notebooks(draw(endpoint=endpoint, **chosen))
    if isinstance(x, Result):
        endpoints = () if endpoint is None else (endpoint,)
        return _shown_in_notebooks(study_figure(x, endpoints=endpoints, **chosen))
    raise UnknownNameError(
        f"{type(x).__name__} cannot be drawn; plot takes the answer of a question or the Result of a study."
    )


def _shown_in_notebooks(figure: Figure) -> Figure:
    """Let a notebook show a figure, which it does by itself only where pyplot was imported."""
    vars(figure)["_repr_svg_"] = partial(_svg, figure)
    return figure


def _svg(figure: Figure) -> str:
    """Return a figure as an SVG drawing."""
    with _settings(figure):
        return _svg_text(figure)


def _svg_text(figure: Figure) -> str:
    drawing = StringIO()
    figure.savefig(drawing, format="svg", metadata={"Date": None})
    return _readable(drawing.getvalue(), str(figure.get_label()))


@contextmanager
def _settings(figure: Figure) -> Iterator[None]:
    """Draw a figure with letters that are text, the same every time, and one figure at a time."""
    from matplotlib import rc_context

    escape_dollars(figure)
    with _WRITING, _one_warning_of_letters(), rc_context({"svg.hashsalt": _SALT, "svg.fonttype": "none"}):
        yield


def save(figure: Figure, stem: Path | str) -> tuple[Path, Path]:
    """Write a figure as PNG and SVG, both or neither; the same figure gives the same bytes.

    Parameters
    ----------
    figure
        From `plot`.
    stem
        Path without suffix: ``results/timing`` gives ``results/timing.png`` and ``results/timing.svg``.

    Returns
    -------
    tuple of pathlib.Path
        The PNG and the SVG.

    Raises
    ------
    FileError
        If a file cannot be written.
    """
    from eaesim.study.filling import written_beside

    stem = Path(stem)
    paths = (stem.with_name(f"{stem.name}.png"), stem.with_name(f"{stem.name}.svg"))
    try:
        for path in paths:
            if path.is_dir():
                raise IsADirectoryError(f"{path.name} is a folder")
        dots = DOTS_OF_PAGES if figure.get_label() else DOTS_PER_INCH
        with written_beside(paths[0]) as dotted, written_beside(paths[1]) as drawn:
            with _settings(figure):
                figure.savefig(dotted, format="png", dpi=dots)
                drawing = _svg_text(figure)
            drawn.write_text(drawing, encoding="utf-8", newline="\n")
            dotted.replace(paths[0])
            drawn.replace(paths[1])
    except OSError as error:
        raise FileError(f"{stem} cannot be written as a figure: {error.strerror or error}.") from error
    return paths


def _readable(drawing: str, label: str) -> str:
    """Return an SVG drawing with its families of letters, its title and its description."""
    title, _, description = label.partition("\n")
    said = "".join(
        f"\n <{name}>{escape(text)}</{name}>"
        for name, text in (("title", title), ("desc", description))
        if text
    )
    start = drawing.index(">", drawing.index("<svg")) + 1
    return _FAMILY.sub(_FAMILIES, drawing[:start] + said + drawing[start:])


def escape_dollars(figure: Figure) -> None:
    r"""Have every dollar sign in a name drawn as such; Matplotlib would read a formula between two.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> figure = Figure()
    >>> text = figure.text(0, 0, "5 $ or 6 $")
    >>> escape_dollars(figure)
    >>> print(text.get_text())
    5 \$ or 6 \$
    """
    from matplotlib.text import Text

    for each in figure.findobj(Text):
        text = each.get_text()
        if "$" in text and r"\mathdefault" not in text:  # numbers on a logarithmic axis are formulas
            each.set_text(_DOLLAR.sub(r"\\$", text))


@contextmanager
def _one_warning_of_letters() -> Iterator[None]:
    """Say once that the font lacks letters, instead of once for each of them with a path."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    others = [each for each in caught if not str(each.message).startswith("Glyph ")]
    for each in others:
        warnings.warn_explicit(each.message, each.category, each.filename, each.lineno)
    if len(others) < len(caught):
        with suppress(UserWarning):  # a figure with boxes is no error, even where warnings are
            warnings.warn(
                "the font of the figures lacks letters of a name; they appear as boxes.", stacklevel=4
            )
