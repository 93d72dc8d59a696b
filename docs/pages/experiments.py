"""The experiments as a gallery: a page, a figure and a study file each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from pages.markdown import directive, page, plain
from pages.places import IN_TEXT, places

ROOT = Path(__file__).parents[2]
EXPERIMENTS, FIGURES = ROOT / "experiments", ROOT / "figures"
#: Size of a thumbnail in pixels: the upper part of a figure.
WIDTH, HEIGHT = 480, 360
_IMAGE = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")
_SVG_TEXT = re.compile(r"<text[^>]*>([^<]*)")


def names() -> list[str]:
    """Return the experiments in order."""
    return [folder.name for folder in sorted(EXPERIMENTS.iterdir()) if (folder / "README.md").is_file()]


def pages() -> dict[str, str]:
    """Return the pages of the gallery by path."""
    found = {f"experiments/{name}.md": _experiment(name) for name in names()}
    return found | {"experiments/index.md": _index()}


def _text(name: str) -> tuple[str, str]:
    """Return the title and the rest of the page of an experiment."""
    first, _, rest = (EXPERIMENTS / name / "README.md").read_text(encoding="utf-8").partition("\n")
    return first.removeprefix("# ").strip(), rest.strip()


def question(name: str) -> str:
    """Return the first sentence of what an experiment asks."""
    asked = " ".join(_text(name)[1].partition("## What it asks")[2].partition("\n## ")[0].split())
    return re.split(r"(?<=[.?])\s+(?=[A-Z])", asked)[0]


def _index() -> str:
    cards = []
    for name in names():
        title, _ = _text(name)
        cards += [
            f":::{{grid-item-card}} {plain(title)}",
            f":link: {name}",
            ":link-type: doc",
            f":img-top: thumbnails/{name}.png",
            ":img-alt: ",
            "",
            question(name),
            ":::",
            "",
        ]
    grid = "\n".join(["::::{grid} 1 2 3 3", ":gutter: 3", "", *cards, "::::"])
    tree = "\n".join(["```{toctree}", ":hidden:", "", *names(), "```"])
    intro = (
        "Each experiment is a study file, a figure and a page that says what it asks and what it shows. "
        "`eaesim figures NAME` regenerates its figure."
    )
    return page("Experiments", intro, grid, tree)


def _experiment(name: str) -> str:
    title, text = _text(name)
    match = _IMAGE.search(text)
    alternative = match[1] if match else title
    figure = directive(
        "figure", f"../../figures/{name}.svg", figure_codes(name), alt=alternative, width="100%"
    )
    body = _IMAGE.sub("", text).strip()
    body = re.sub(r"\]\(\.\./([^/)]+)/README\.md\)", r"](\1.md)", body)
    body = re.sub(r"\[([^]]+)\]\((\w+\.csv)\)", rf"{{download}}`\1 <../../experiments/{name}/\2>`", body)
    body = re.sub(r"\]\(\.\./\.\./(docs/)?([a-z]+)\.md\)", r"](../\2.md)", body)
    file = directive("literalinclude", f"../../experiments/{name}/study.toml", language="toml")
    return page(plain(title), figure, body, "## The study file", f"`experiments/{name}/study.toml`:", file)


def figure_codes(name: str) -> str:
    """Return a line with every code that a figure uses, for below it; empty where it uses none."""
    drawing = (FIGURES / f"{name}.svg").read_text(encoding="utf-8")
    texts = " ".join(_SVG_TEXT.findall(drawing))
    used = sorted({code for code in IN_TEXT.findall(texts) if code in places()})
    return f"Codes in this figure: {', '.join(used)}." if used else ""


def write_thumbnails(folder: Path) -> None:
    """Draw the thumbnail of each figure that is newer than it: its upper part.

    Parameters
    ----------
    folder
        The folder of the documentation.
    """
    from PIL import Image

    place = folder / "experiments" / "thumbnails"
    place.mkdir(parents=True, exist_ok=True)
    for name in names():
        figure, small = FIGURES / f"{name}.png", place / f"{name}.png"
        if small.is_file() and small.stat().st_mtime >= figure.stat().st_mtime:
            continue
        with Image.open(figure) as whole:
            width, height = whole.size
            box = _upper(width, height)
            whole.convert("RGB").crop(box).resize((WIDTH, HEIGHT)).save(small, optimize=True)


def _upper(width: int, height: int) -> Sequence[int]:
    """Return the largest upper part of a picture that has the shape of a thumbnail.

    Examples
    --------
    >>> _upper(480, 1000)
    (0, 0, 480, 360)
    >>> _upper(1000, 360)
    (0, 0, 480, 360)
    """
    if height * WIDTH >= width * HEIGHT:
        return (0, 0, width, width * HEIGHT // WIDTH)
    return (0, 0, height * WIDTH // HEIGHT, height)
