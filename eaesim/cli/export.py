"""Export of a rat, with its inductions and doses, for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from eaesim.study import Study


@click.command(name="export", short_help="A rat or an arm of a study as SBML, Antimony or JavaScript.")
@click.argument("name", metavar="NAME|STUDY.toml")
@click.option("--to", default="sbml", metavar="FORMAT", help="sbml (the default), antimony or javascript.")
@click.option("--arm", metavar="NAME", help="Arm of the study; by default the control.")
@click.option("--mechanism", metavar="ID", help="What IVIG does, if other than in the study.")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="Default: NAME.xml, NAME.ant or NAME.mjs."
)
@click.option("--force", is_flag=True, help="Replace a file of that name.")
def command(
    name: str, to: str, arm: str | None, mechanism: str | None, out: Path | None, force: bool
) -> None:
    """Write the typical rat, with the inductions and doses of one arm, as a file for other programs.

    NAME is a rat, the folder of a fit or the file of a strain, immunised on day 0 and given nothing; a
    patient with one attack on day 0; or a study file.
    """
    from eaesim.cli.console import warn
    from eaesim.cli.options import check_free
    from eaesim.errors import check_names
    from eaesim.interop import FORMATS, export
    from eaesim.study.manifest import write_whole

    check_names([to], "format", FORMATS)
    study = _study(name)
    path = out or Path(f"{Path(name).stem}{FORMATS[to].suffix}")
    check_free(path, force=force)
    text = export(study, to=to, arm=arm, mechanism=mechanism)
    for line in study.warnings():
        warn(line)
    write_whole(path, text)
    kind = " rat" if study.rat.species == "rat" else ""
    control = arm or study.design.control
    click.echo(f"{path}: {FORMATS[to].title} of the typical {study.rat.name}{kind}, arm {control}")


def _study(name: str) -> Study:
    from eaesim.errors import unknown_name
    from eaesim.interop.animal import untreated
    from eaesim.model import rat_names
    from eaesim.model.patient import patient_names
    from eaesim.study.ensemble import is_fit
    from eaesim.study.rats import is_strain
    from eaesim.workbench.studyfile import read_study

    subjects = (*rat_names(), *patient_names())
    if name in subjects or is_fit(name) or is_strain(name):
        return untreated(name)
    if name.endswith(".toml") or Path(name).exists():
        return read_study(name)[0]
    raise unknown_name(name, "rat or patient", subjects)
