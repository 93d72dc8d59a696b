"""The engine and libraries that are used on this machine."""

from __future__ import annotations

import re
from collections.abc import Iterable

import click

# Libraries that only some verbs need; which extra installs each is read from the package's own requirements.
OPTIONAL = (
    "numba",
    "SALib",
    "distributed",
    "python-libsbml",
    "antimony",
    "openpyxl",
    "statsmodels",
    "jax",
    "optax",
    "numpyro",
)
# Extras that also hold what users install by another one.
_DEVELOPERS = ("benchmarks", "develop", "test")
ANIMALS = 16


@click.command(name="doctor", short_help="Engine and libraries on this machine.")
def command() -> None:
    """Say which engine runs and why, try it against the reference, and name missing optional libraries."""
    import platform
    import sys
    from importlib.metadata import version

    from eaesim.errors import pip_command
    from eaesim.solver import choose_engine, cores

    engine = choose_engine()
    lines = {
        "eaesim": f"{version('eaesim')}, Python {platform.python_version()} on {sys.platform}",
        "engine": f"{engine.name}; {engine.why}",
        "machine code": engine.kept,
        "cores": str(cores()),
        **({"trial": _trial()} if engine.name == "lanes" else {}),
        **{name: _installed(name) for name in OPTIONAL},
    }
    for name, text in lines.items():
        if text:
            click.echo(f"{name:<16}{text}")
    if any("optional part" in text for text in lines.values()):
        click.echo(f"An optional part is installed, such as laboratory, with: {pip_command('laboratory')}.")


def _trial() -> str:
    """Run a few rats on both engines; say how far they are apart and how long they took."""
    from time import perf_counter

    import numpy as np

    from eaesim.protocol import Arm
    from eaesim.study import Study

    study, severity, seconds = Study("lewis", arms=[Arm("vehicle")], until=20), {}, {}
    for engine in ("lanes", "reference"):
        study.run(animals=1, engine=engine, workers=1)
        start = perf_counter()
        severity[engine] = study.run(animals=ANIMALS, engine=engine, workers=1).simulation.severity
        seconds[engine] = perf_counter() - start
    apart = float(np.abs(severity["lanes"] - severity["reference"]).max())
    times = ", ".join(f"{name} {1e3 * second / ANIMALS:.2g} ms" for name, second in seconds.items())
    return f"a rat of 20 days on one core: {times}; severities (0 to 5) differ by {apart:.0e} at most"


def _installed(name: str) -> str:
    from importlib.metadata import PackageNotFoundError, requires, version

    try:
        return version(name)
    except PackageNotFoundError:
        extra = extra_of(name, requires("eaesim") or [])
        return f"not installed; in the optional part {extra}" if extra else "not installed"


def extra_of(name: str, requirements: Iterable[str]) -> str:
    """Return the extra that installs a library; ``""`` where the base install has it.

    Examples
    --------
    >>> extra_of("distributed", ["numpy>=1.26", 'dask[distributed]>=2024.8; extra == "cluster"'])
    'cluster'
    """
    extras = []
    for requirement in requirements:
        library, _, marker = requirement.partition(";")
        names = re.split(r"[^\w.-]+", re.split(r"[<>=!~(]", library)[0].casefold())
        found = re.search(r"""extra\s*==\s*['"]([\w.-]+)['"]""", marker)
        if name.casefold() in names:
            extras.append(found[1] if found else "")
    return min(extras, key=lambda extra: (extra in _DEVELOPERS, extra != ""), default="")
