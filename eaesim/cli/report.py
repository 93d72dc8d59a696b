"""One self-contained page of a run."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(name="report", short_help="One self-contained HTML page of a run.")
@click.argument("run", type=click.Path(path_type=Path), metavar="RUN")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="Default: report.html in the run's folder."
)
@click.option("--force", is_flag=True, help="Replace a file that is no report of this run.")
def command(run: Path, out: Path | None, force: bool) -> None:
    """Write the folder of a run as one HTML page.

    It holds figures, tables, methods, equations, parameters with their sources, predictions, and how to cite;
    it opens anywhere without a network. RUN is the folder that the run was written to (--out).
    """
    from eaesim.workbench.report.answer import report

    click.echo(f"Report: {report(run, out=out, force=force)}")
