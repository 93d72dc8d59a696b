"""The exchange formats, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from eaesim.errors import check_names
from eaesim.interop.antimony import antimony_text
from eaesim.interop.javascript import javascript_module
from eaesim.interop.sbml import sbml_text
from eaesim.model import Rat
from eaesim.study import Study


@dataclass(frozen=True)
class Format:
    """An exchange format.

    Attributes
    ----------
    title
        Its name in words.
    suffix
        File name suffix.
    text
        Function that writes the typical rat of one arm: see `eaesim.interop.sbml_text`.
    """

    title: str
    suffix: str
    text: Callable[..., str]


FORMATS = {
    "sbml": Format("SBML level 3", ".xml", sbml_text),
    "antimony": Format("Antimony", ".ant", antimony_text),
    "javascript": Format("JavaScript", ".mjs", javascript_module),
}


def export(
    subject: Study | Rat | str, *, to: str = "sbml", arm: str | None = None, mechanism: str | None = None
) -> str:
    """Return the typical rat of one arm, with its inductions and doses, in an exchange format.

    Parameters
    ----------
    subject
        A `Study`; or a `Rat` or the name of one, which is then immunised on day 0 and untreated; of a
        patient, with one attack on day 0.
    to
        ``"sbml"``, ``"antimony"`` or ``"javascript"``.
    arm
        Name of the arm; by default the control.
    mechanism
        Mechanism of IVIG, if different from the study.

    Raises
    ------
    UnknownNameError
        If the format, the rat, the arm or the mechanism is not known.
    ProtocolError
        If a dose of the arm is triggered by a sign, or the arm has its own mechanism and another is given.
    MissingLibraryError
        If the library of the format is not installed.

    Examples
    --------
    >>> export("da", to="sbml").splitlines()[0]
    '<?xml version="1.0" encoding="UTF-8"?>'
    """
    check_names([to], "format", FORMATS)
    return FORMATS[to].text(subject, arm=arm, mechanism=mechanism)
