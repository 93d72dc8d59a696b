"""Settings of a fit of published data."""

from __future__ import annotations

from dataclasses import dataclass

from eaesim.estimation.budget import LIMITS, MOST_PARTICLES
from eaesim.estimation.chain import WAYS
from eaesim.model import FULL, LEAN
from eaesim.model.species import DEFAULT
from eaesim.protocol.kinds import (
    Count,
    Flag,
    MaybeCount,
    MaybeValues,
    Text,
    Texts,
    choice,
    count,
    flag,
    listed,
    number,
    optional,
)
from eaesim.protocol.settings import Setting
from eaesim.protocol.tablekinds import assignments
from eaesim.workbench.request import WorkRequest

# Fewer particles do not move as a population, and fewer sets train no emulator.
LEAST_PARTICLES, LEAST_SETS = 8, 600


@dataclass(frozen=True, kw_only=True)
class RowsRequest(WorkRequest):
    """Base of requests about fits; defaults of None depend on the fit.

    Examples
    --------
    >>> RowsRequest(rat=["da"]).rat
    ('da',)
    """

    input = "nothing"

    rat: Texts = Setting(
        listed(choice("rat with published data", (*FULL, *LEAN))),
        DEFAULT,
        "Rats that are estimated together: lewis and da, or lewis_lean and da_lean.",
    )
    particles: MaybeCount = Setting(
        optional(count(LEAST_PARTICLES, MOST_PARTICLES)),
        None,
        "Particles of each chain; default: 256; 128 from the prior and in a calibration.",
    )
    moves: MaybeCount = Setting(
        optional(count(*LIMITS["moves"])),
        None,
        "Moves of the particles once all rows count; default: 96; 1500 from the prior, 48 in a calibration.",
    )
    animals: MaybeCount = Setting(
        optional(count(*LIMITS["animals"])),
        None,
        "Rats in each simulated population; default: 64; 12 in a calibration of scores.",
    )
    sets: MaybeCount = Setting(
        optional(count(LEAST_SETS, LIMITS["sets"][1])),
        None,
        "Sets that are simulated to train the emulator; default: 52000; 30000 in a calibration of scores.",
    )
    seed: Count = Setting(
        count(*LIMITS["seed"]), 1, "Random seed of everything but the rats, which are the same in every fit."
    )


@dataclass(frozen=True, kw_only=True)
class FitRequest(RowsRequest):
    """Estimate rats from the published data marked for calibration; the result is an ensemble, never one set.

    Writes NAME.ensemble.parquet for each rat, rows.csv (published against predicted), identifiability.csv,
    posterior.parquet, fit.log (when each step was done) and the figure. An interrupted run resumes where
    it was. With --scores the strain's ensemble is fitted to your control animals, each counted as long as it
    was observed: then eaesim timing --rat FOLDER/laboratory.
    The chains start from an emulator that is trained on simulated sets first (it needs the extra fit);
    with --start prior they start from the prior, and rarely agree.
    With --calibrate it counts how often the fit's intervals contain a known truth.

    Examples
    --------
    >>> FitRequest(rat=["da"], parameters={"memory_fraction": 0}).changed()
    {'parameters': {'memory_fraction': 0.0}, 'rat': ['da']}
    """

    table = "fit"
    title = "Rats estimated from data"

    start: Text = Setting(
        choice("start of a fit", WAYS), "emulator", "Start of the chains: emulator or prior."
    )
    chains: Count = Setting(count(*LIMITS["chains"]), 2, "Independent chains, which must agree.")
    parameters: MaybeValues = Setting(
        optional(assignments(number())),
        None,
        "Fixed values of parameters, the same in every rat; 0 disables a component. Repeatable.",
        option="set",
        formerly=("fix",),
    )
    shipped: Flag = Setting(
        flag(), False, "Show the fit of the shipped ensembles; nothing is estimated again."
    )
