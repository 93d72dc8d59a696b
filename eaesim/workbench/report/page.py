"""One HTML page that holds a whole run and needs no network."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from eaesim.workbench.figure.words import sentence_case
from eaesim.workbench.question import questions
from eaesim.workbench.report import description
from eaesim.workbench.report.codes import used_codes
from eaesim.workbench.report.equations import equations
from eaesim.workbench.report.folder import RunFolder
from eaesim.workbench.report.livelink import live_link
from eaesim.workbench.report.methods import methods
from eaesim.workbench.report.parameters import parameter_rows, parameter_sources
from eaesim.workbench.report.pictures import Picture, read_pictures
from eaesim.workbench.report.rats import RunRat, run_rats
from eaesim.workbench.report.sources import bibtex, citation, used_findings
from eaesim.workbench.report.tables import read_column_files, read_table

if TYPE_CHECKING:
    from markupsafe import Markup

#: Marker of every report; no other file is taken for one.
GENERATOR = "eaesim report"
_DATA = files("eaesim.workbench.report") / "data"
_DOI = re.compile(r"(?<![\w/])(?:doi:?\s*)?(10\.\d{4,9}/[^\s,;\"'<>]*[^\s,;.\"'<>)])")
#: Data used to fit an ensemble.
ESTIMATED = (
    "The parameter sets form an ensemble. The published data marked for calibration were shown to the "
    "fit that made it; those marked to validate were not."
)
_TEXTS = ("toml", "txt", "md")


def page(run: RunFolder) -> str:
    """Return the page of a run; the same run gives the same text.

    Parameters
    ----------
    run
        The run that `read_folder` returned.

    Raises
    ------
    FileError
        If a table or a figure of the run cannot be read.
    """
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        loader=FunctionLoader(_template),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["linked"] = linked
    # Cleaned by `read_pictures`, which builds it from an allow-list.
    environment.filters["drawn"] = Markup
    template, content = environment.get_template("page.html.jinja"), _content(run)
    # Its codes are found in the page itself, so that none that it shows is left out.
    return template.render(content, codes=used_codes(template.render(content, codes=()), run.verb))


def linked(text: str) -> Markup:
    """Escape a text, and make each DOI in it a link.

    Examples
    --------
    >>> print(linked("abstract, doi 10.1172/JCI117012 <b>"))
    abstract, <a href="https://doi.org/10.1172/JCI117012">doi 10.1172/JCI117012</a> &lt;b&gt;
    """
    from markupsafe import Markup, escape

    parts, end = [], 0
    for match in _DOI.finditer(text):
        link = Markup('<a href="https://doi.org/{}">{}</a>').format(match[1], match[0])
        parts += [escape(text[end : match.start()]), link]
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])


def _template(name: str) -> str:
    return (_DATA / name).read_text(encoding="utf-8")


def _content(run: RunFolder) -> Mapping[str, Any]:
    from markupsafe import Markup

    rats = run_rats(run.settings)
    shown = [one for one in rats if one.rat is not None]
    pictures = read_pictures(run.ending("svg", "png", "jpg", "jpeg"))
    tables = [read_table(file) for file in run.ending("csv")]
    version = run.versions["eaesim"] or "unknown"
    is_simulated = bool(rats)
    return {
        "generator": f"{GENERATOR} {run.hash}",
        "style": Markup(_template("page.css")),
        "title": description.title(run),
        "sentence": description.sentence(run).replace(" %", "\N{NO-BREAK SPACE}%"),
        "origin": run.origin,
        "verb": run.verb,
        "hash": run.hash,
        "version": version,
        "versions": run.versions,
        "pictures": [(one, alternative(run, one), caption(run, one)) for one in pictures],
        "tables": tables,
        "column_files": read_column_files(run.ending("parquet")),
        "texts": [(file.name, file.text()) for file in run.files if file.ending in _TEXTS],
        "files": run.files,
        "simulated": description.simulated(run, rats),
        "arms": description.arms(run),
        "study": description.study_text(run),
        "settings": description.plain_settings(run),
        "command": run.command,
        "live": live_link(run),
        "methods": methods(run, is_simulated=is_simulated),
        "predictions": _predictions(rats),
        "rats": shown,
        "notes": [one.note for one in rats if one.note],
        "equations": [(one, Markup(one.markup)) for one in equations()] if is_simulated else [],
        "parameters": parameter_rows(shown),
        "sources": parameter_sources(shown),
        "findings": used_findings(run),
        "citation": citation(version),
        "bibtex": bibtex(version),
    }


def _predictions(rats: Sequence[RunRat]) -> tuple[str, ...]:
    """Return what no data support; for the one set of values only where that set ran."""
    from eaesim.model.card import card_texts

    if not rats:
        return ()
    texts = card_texts()
    own = [ESTIMATED] if any(one.members > 1 for one in rats) else texts["shown"]
    return (*texts["prediction"], *own)


def caption(run: RunFolder, picture: Picture) -> str:
    """Return the text below a figure."""
    text = _own(picture.stem) or f"{_words(picture.stem)}, as drawn by eaesim {run.verb}."
    return f"{text}{_numbers(run, picture)}"


def _own(stem: str) -> str:
    return next((one.captions[stem] for one in questions().values() if stem in one.captions), "")


def alternative(run: RunFolder, picture: Picture) -> str:
    """Return the alternative text of a figure: its own description, or what kind of figure it is."""
    return picture.description or _own(picture.stem) or f"Figure {picture.stem} of eaesim {run.verb}."


def _numbers(run: RunFolder, picture: Picture) -> str:
    table = f"{picture.stem}.csv"
    return f" Numbers: {table}." if any(file.name == table for file in run.files) else ""


def _words(stem: str) -> str:
    return sentence_case(stem.rpartition("/")[2].replace("_", " ").replace("-", " "))
