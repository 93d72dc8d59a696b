"""Errors with one-line messages: what was given, what is allowed, the closest name."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from difflib import get_close_matches

# A longer list of names is too long for one line; then only a few are given.
MANY, FEW = 50, 5
# Characters of the input that a message repeats; a whole message is never longer than LONGEST.
SHOWN, LONGEST = 80, 2_000
# Long parts of a message: between two quotation marks, or without a space.
_LONG = f"{{{SHOWN + 40},}}"
_STRETCHES = (
    re.compile(rf'(?<![^\s=(\[{{])"([^"]{_LONG})"'),
    re.compile(rf"(?<![^\s=(\[{{])'([^']{_LONG})'"),
    re.compile(rf"(\S{_LONG})"),
)
#: Marks that a text editor writes in place of the straight quotation marks.
TYPOGRAPHIC = "\u201c\u201d\u201e\u00ab\u00bb\u2018\u2019"
#: A number with a comma as its decimal sign, alone or before a unit.
DECIMAL_COMMA = re.compile(r"\s*([-+]?\d+),(\d+(?:\s*[A-Za-z%\u00b5\u03bc].*)?)\s*")
# What follows the noun itself in "finding on treated rats".
_JOINT = re.compile(r"( (?:by|for|in|of|on|that|to|with) )")
# Joiners that only change how letters of some scripts are drawn.
_HARMLESS = "\u200c\u200d"


class EaesimError(Exception):
    """Root of every error that eaesim raises on purpose; its message is one line of plain characters.

    Examples
    --------
    >>> issubclass(UnknownNameError, EaesimError)
    True
    """

    def __init__(self, *arguments: object) -> None:
        super().__init__(*(one_line(each) if isinstance(each, str) else each for each in arguments))


class UnknownNameError(EaesimError):
    """A name that is not among the allowed ones."""


class QuantityError(EaesimError):
    """An invalid number or unit."""


class ProtocolError(EaesimError):
    """Doses, inductions or arms that do not form a valid study."""


class FileError(EaesimError):
    """A file or folder that cannot be read or written."""


class ProblemError(EaesimError):
    """Arrays that do not form a valid problem for a solver."""


class EngineError(EaesimError):
    """The requested solver does not work on this machine."""


class NothingComputedError(EaesimError):
    """Every rat failed, so there is no result to give."""


class NotKeptError(EaesimError):
    """Data that the run was told not to keep."""


class WorkerError(EaesimError):
    """A process or a cluster that is lost, or cannot be reached."""


class MemoryShortError(EaesimError):
    """More memory is needed than the machine has."""


class MissingLibraryError(EaesimError):
    """An optional library that is not installed; the message gives the installation command."""


class EaesimWarning(UserWarning):
    """A note that a user should know about a valid result or call.

    Examples
    --------
    >>> issubclass(EaesimWarning, UserWarning)
    True
    """


def missing_library(purpose: str, library: str, *, extra: str) -> MissingLibraryError:
    """Build the error for an optional library that is not installed.

    Parameters
    ----------
    purpose
        What needs the library: ``"SBML"``.
    library
        Name of the library.
    extra
        The optional part of eaesim that installs the library.

    Returns
    -------
    MissingLibraryError
        The error, for the caller to raise.
    """
    return MissingLibraryError(
        f"{purpose} needs {library}, which is not installed; install it with: {pip_command(extra)}."
    )


def pip_command(extra: str) -> str:
    """Return the commands that install an optional part, wherever eaesim came from.

    pip finds the parts of an installed eaesim by its name without any index, and those of a folder of the
    source, installed or not, by its path. Every shell understands double quotation marks, on Windows too.

    Examples
    --------
    >>> print(pip_command("docs"))
    pip install "eaesim[docs]" (in the unpacked folder of the source: pip install ".[docs]")
    """
    return f'pip install "eaesim[{extra}]" (in the unpacked folder of the source: pip install ".[{extra}]")'


def plain(text: str) -> str:
    r"""Return a text with escaped control characters, so that no terminal interprets them.

    Line ends and tabs are kept.

    Examples
    --------
    >>> print(plain("\x1b[31mIVIG"))
    \x1b[31mIVIG
    """
    if text.isprintable():
        return text
    kept = f"\n\t{_HARMLESS}"
    return "".join(
        each
        if each.isprintable() or each in kept
        else each.encode("unicode_escape", "backslashreplace").decode("ascii")
        for each in text
    )


def one_line(text: str) -> str:
    """Return a message as one line of plain characters, with long texts shortened.

    Examples
    --------
    >>> one_line(f'"{"x" * 100_000}" is not an arm.')[70:]
    'xxxxxxxxxxx… (100,000 characters)" is not an arm.'
    """
    line = plain(" ".join(text.split()))
    if len(line) <= SHOWN:
        return line
    for stretch in _STRETCHES:
        line = stretch.sub(lambda found: found[0].replace(found[1], _shortened(found[1])), line)
    if len(line) > LONGEST:
        half = LONGEST // 2
        line = f"{line[:half]}… ({len(line):,} characters) …{line[-half // 2 :]}"
    return line


def _shortened(text: str) -> str:
    return f"{text[:SHOWN]}… ({len(text):,} characters)"


def slip_in(text: str) -> str:
    """Return a hint on a frequent slip in a number, to end a message with; a full stop where there is none.

    Examples
    --------
    >>> slip_in("0,4 g/kg"), slip_in("\u201c1 g/kg\u201d"), slip_in("much")
    ('; the decimal sign is a point: 0.4 g/kg.', '; leave out the quotation marks: 1 g/kg.', '.')
    """
    if found := DECIMAL_COMMA.fullmatch(text):
        return f"; the decimal sign is a point: {found[1]}.{found[2]}."
    bare = text.strip(f"{TYPOGRAPHIC}'\"")
    return f"; leave out the quotation marks: {bare}." if bare and bare != text else "."


def unknown_name(given: object, noun: str, allowed: Iterable[str]) -> UnknownNameError:
    """Build the error for a name that is not allowed.

    Parameters
    ----------
    given
        What the user wrote.
    noun
        What was expected, singular: ``"arm"``.
    allowed
        Every allowed name.

    Returns
    -------
    UnknownNameError
        The error, for the caller to raise.

    Examples
    --------
    >>> print(unknown_name("prming", "arm", ["vehicle", "priming", "at onset"]))
    "prming" is not an arm; did you mean "priming"? Arms: vehicle, priming, at onset.
    """
    names = [str(name) for name in allowed]
    article = "an" if noun[0] in "aeiou" else "a"
    folded = {name.casefold(): name for name in reversed(names)}
    close = get_close_matches(str(given)[:LONGEST].casefold(), folded, n=FEW, cutoff=0.5)
    hint = f'; did you mean "{folded[close[0]]}"?' if close else "."
    shown = str(given)
    listed = f"{_plural(noun)}: {_listed(names, [folded[name] for name in close])}"
    return UnknownNameError(f'"{shown}" is not {article} {noun}{hint} {listed[0].upper()}{listed[1:]}.')


def check_names(given: Iterable[object], noun: str, allowed: Collection[str]) -> None:
    """Raise the error of `unknown_name` for the first name that is not allowed, if there is one.

    Examples
    --------
    >>> check_names(["vehicle"], "arm", ["vehicle", "early"])
    """
    for name in given:
        if not isinstance(name, str) or name not in allowed:
            raise unknown_name(name, noun, allowed)


def _listed(names: list[str], close: list[str]) -> str:
    """Return every name, or with very many only the closest."""
    if len(names) <= MANY:
        return ", ".join(names) or "none"
    return f"{', '.join(close or names[:FEW])}, and {len(names) - len(close or names[:FEW])} more"


def _plural(noun: str) -> str:
    # "key of da.toml", "result to compare": the first words take the ending; of "rat or patient", both do.
    first, *rest = _JOINT.split(noun, maxsplit=1)
    if rest:
        return f"{_plural(first)}{''.join(rest)}"
    if " or " in noun:
        return " or ".join(map(_plural, noun.split(" or ")))
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return f"{noun[:-1]}ies"
    if noun.endswith("ss"):
        return f"{noun}es"
    return noun if noun.endswith("s") else f"{noun}s"
