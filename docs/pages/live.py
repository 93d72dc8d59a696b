"""The live page: one HTML file that simulates in the reader's browser, where this version can write it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import eaesim
from pages.markdown import page

#: Where it lies in the built folder.
ADDRESS = "live/eaesim-live.html"
_ASKED = """\
Move the day and the dose, choose what IVIG does, and read one sentence: by how much it reduces the peak
score, and in how many rats. The page is one file of this site. It simulates 400 Lewis or DA rats in your
browser, with the package's own equations, and asks nothing of any network; you can save it and send it to a
colleague.

- **A dose may wait for a sign**: choose "at the first signs" or "at a relapse", and so many days after it.
  Each rat is then dosed by its own daily scores.
- **Values of your own**: choose a parameter, such as the strength of IVIG or the uptake of IgG, and give it
  another value within its bounds.
- **Patients**: 630 patients have one attack each, and the page says which share of the relapses a dose
  leaves, by its day. All of it is a prediction ([patients and trials](../patients.md)).
- **Take it along**: the address of the page holds what is shown. `study.toml` repeats it: of rats with
  `eaesim run study.toml`, of patients with `eaesim timing study.toml`."""
_LINK = f'<p><a class="sd-btn sd-btn-primary" href="../{ADDRESS}">Open the live page</a></p>'
_MAKE = """\
`eaesim live` writes the same file, of the rats, patients and mechanisms that you choose: `eaesim live da
patient --mechanism all`."""
_LATER = """\
The live page is not part of this version. Until it is, the nearest without programming are two commands,
which [Install](install.md) explains and which need no file and no code: `eaesim timing`, and `eaesim timing
--rat da --dose "0.4 g/kg"`."""


def is_there() -> bool:
    """Return whether this version can write the live page."""
    return "live" in eaesim.__all__


def pages() -> dict[str, str]:
    """Return the page about it by path."""
    parts = (_ASKED, f"```{{raw}} html\n{_LINK}\n```", _MAKE) if is_there() else (_LATER,)
    return {"start/live.md": page("Without programming", *parts)}


def write_live(folder: Path) -> None:
    """Write the live page below a folder whose content is copied to the built site.

    Parameters
    ----------
    folder
        Where the address of the page begins.
    """
    file = folder / ADDRESS
    file.unlink(missing_ok=True)
    file.parent.mkdir(parents=True, exist_ok=True)
    if is_there():
        live: Any = eaesim.live  # type: ignore[attr-defined]
        file.write_text(live(), encoding="utf-8")
