"""From the report of a timing to the page on which its reader can try other doses and days."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from urllib.parse import urlencode

from eaesim.files import Content, Unchecked
from eaesim.protocol.dose import STUDIED_DRUG, parse_dose
from eaesim.workbench.report.folder import RunFolder

#: Default name of the page that `eaesim live` writes, and the verb of a timing in patients.
LIVE_PAGE, PATIENT_VERB = "eaesim-live.html", "timing --attack"


@dataclass(frozen=True)
class LiveLink:
    """How a reader of a report gets to the live page of its run.

    Attributes
    ----------
    command
        Command that writes the page with the animals of the run.
    address
        Relative address of what the run asked on that page; empty where the page is not beside the run.
    """

    command: str
    address: str


def live_link(run: RunFolder) -> LiveLink | None:
    """Return the link of a timing; None for another question, or for a rat with values of its own.

    Parameters
    ----------
    run
        The run.
    """
    settings: Unchecked = run.settings
    if settings.get("parameters") or not settings.get("drug") or run.verb not in ("timing", PATIENT_VERB):
        return None
    subjects, beside, panel = (_of_rats if run.verb == "timing" else _of_patients)(settings)
    drug, dose = settings["drug"], settings["dose"][0]
    given = parse_dose(dose, drug=drug)
    words = ["eaesim", "live", *subjects, "--drug", drug, "--dose", dose]
    if drug == STUDIED_DRUG:
        words += ["--mechanism", ",".join(settings["mechanism"])]
    for option, value in beside.items():
        words += [option, str(value)]
    asked = {
        "subject": subjects[0],
        "panel": panel,
        "day": f"{min(settings['days'], key=abs):g}",
        "dose": f"{given.amount:g}",
        "times": given.doses,
        "every": f"{given.every or 1:g}",
        "over": f"{24 * given.over:g}",
    }
    is_beside = (run.folder / LIVE_PAGE).is_file()
    return LiveLink(shlex.join(words), f"{LIVE_PAGE}#{urlencode(asked)}" if is_beside else "")


def _of_rats(settings: Unchecked) -> tuple[list[str], dict[str, Content], str]:
    """Return the subjects of a page, its options and the panel with which it opens."""
    members = settings["members"]
    rats = [settings["rat"]] if settings.get("rat") else list(dict.fromkeys(one["rat"] for one in members))
    given = {f"--{name}": settings[name] for name in ("animals", "seed")}
    panel = "relapse-none" if settings["induction"] == "relapse" else "immunisation"
    return rats, given | {"--parameter-sets": members[0]["members"]}, panel


def _of_patients(settings: Unchecked) -> tuple[list[str], dict[str, Content], str]:
    """Return the same of patients: the first of each parameter set, where the run had its usual number."""
    given = {f"--{name.replace('_', '-')}": settings[name] for name in ("patients", "seed", "parameter_sets")}
    return (
        [settings["subject"]],
        {name: value for name, value in given.items() if value is not None},
        "attack",
    )
