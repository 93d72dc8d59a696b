"""One page that simulates in the reader's browser."""

from __future__ import annotations

from pathlib import Path

import click

from eaesim.cli.options import Folder, check_free
from eaesim.workbench.progress import BAR, WAYS


@click.command(name="live", short_help="One HTML page that simulates in the reader's browser.")
@click.argument("subjects", nargs=-1, metavar="[SUBJECT]...")
@click.option(
    "--mechanism",
    metavar="ID,...",
    help='Mechanisms of IVIG to choose from; "all" is every one; default: H1a,H1b,H7.',
)
@click.option("--drug", metavar="NAME,...", help="Drugs to choose from; default: ivig.")
@click.option(
    "--dose",
    metavar="DOSE,...",
    help="Dose with which the page opens, of all drugs or of each; default: 1 g/kg.",
)
@click.option("--animals", metavar="N", help="Rats, the same for every dosing day; default: 400.")
@click.option("--patients", metavar="N", help="Patients of each parameter set, likewise; default: 30.")
@click.option("--seed", metavar="N", help="Random seed of rats and patients; default: 1.")
@click.option(
    "--parameter-sets",
    metavar="N",
    help="Parameter sets; default: 64 of a rat, of 640 rats 128, and all of a patient.",
)
@click.option(
    "--drugs",
    "folders",
    multiple=True,
    type=Folder(path_type=Path),
    metavar="DIR",
    help="Folder with drug files.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("eaesim-live.html"),
    metavar="FILE",
    help="Default: eaesim-live.html.",
)
@click.option("--force", is_flag=True, help="Replace a file of that name.")
@click.option(
    "--progress", "way", type=click.Choice(WAYS), default=BAR, metavar="WAY", help="bar, lines or none."
)
@click.option("--quiet", is_flag=True, help="No progress bar.")
def command(
    subjects: tuple[str, ...],
    folders: tuple[Path, ...],
    out: Path,
    force: bool,
    way: str,
    quiet: bool,
    **given: str | None,
) -> None:
    """Write one HTML file that asks when a dose has to be given, and simulates in the reader's browser.

    It needs no server and no network. SUBJECT is a rat, a patient or the folder of a fit; default: lewis, da
    and patient. The reader chooses the induction, the day or the sign that a dose waits for, the dose and its
    repeats, what the drug does, and values of parameters. Patients are those of eaesim timing patient.
    """
    from eaesim.livepage.page import live
    from eaesim.model.pharmacy import drugs_from
    from eaesim.protocol.kinds import plain_value
    from eaesim.study.manifest import write_whole
    from eaesim.workbench.progress import NONE, progress

    check_free(out, force=force)
    lists = {name: given.pop(name) for name in ("mechanism", "drug", "dose")}
    settings = {name: [part.strip() for part in text.split(",")] for name, text in lists.items() if text}
    numbers = {name: plain_value(text) for name, text in given.items() if text is not None}
    with drugs_from(*folders), progress("live", way=NONE if quiet else way) as shown:
        text = live(*subjects, **settings, **numbers, progress=shown)  # type: ignore[arg-type]
    write_whole(out, text)
    click.echo(f"{out}: open it in a browser; {len(text.encode()) / 1e6:.1f} MB, and it needs no network")
