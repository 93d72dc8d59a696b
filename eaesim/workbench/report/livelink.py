"""From the report of a timing to the page on which its reader can try other doses and days."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from urllib.parse import urlencode

from eaesim.protocol.dose import STUDIED_DRUG, parse_dose
from eaesim.workbench.report.folder import RunFolder

#: Default name of the page that `eaesim live` writes.
LIVE_PAGE = "eaesim-live.html"


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
    settings = run.settings
    if run.verb != "timing" or settings.get("parameters") or not settings.get("drug"):
        return None
    drug, dose, members = settings["drug"], settings["dose"][0], settings["members"]
    rats = [settings["rat"]] if settings.get("rat") else list(dict.fromkeys(one["rat"] for one in members))
    given = parse_dose(dose, drug=drug)
    words = ["eaesim", "live", *rats, "--drug", drug, "--dose", dose]
    if drug == STUDIED_DRUG:
        words += ["--mechanism", ",".join(settings["mechanism"])]
    for name in ("animals", "seed"):
        words += [f"--{name}", str(settings[name])]
    words += ["--parameter-sets", str(members[0]["members"])]
    asked = {
        "subject": members[0]["rat"],
        "panel": "relapse-none" if settings["induction"] == "relapse" else "immunisation",
        "day": f"{min(settings['days'], key=abs):g}",
        "dose": f"{given.amount:g}",
        "times": given.doses,
        "every": f"{given.every or 1:g}",
        "over": f"{24 * given.over:g}",
    }
    is_beside = (run.folder / LIVE_PAGE).is_file()
    return LiveLink(shlex.join(words), f"{LIVE_PAGE}#{urlencode(asked)}" if is_beside else "")
