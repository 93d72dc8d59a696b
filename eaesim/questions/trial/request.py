"""Settings of simulated trials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eaesim.model import MECHANISMS, parse_mechanism
from eaesim.model.iggkinetics import igg_kinetics_names
from eaesim.protocol.kinds import (
    Count,
    Flag,
    MaybeCount,
    MaybeText,
    choice,
    count,
    flag,
    optional,
    several,
    share,
    text,
)
from eaesim.protocol.settings import Kind, Setting
from eaesim.protocol.trialfile import trial_names
from eaesim.study.cohort import MOST_ANIMALS
from eaesim.workbench.request import PATIENT_SETS, WorkRequest

KINETICS: MaybeText = Setting(
    optional(choice("kinetics", igg_kinetics_names())),
    None,
    "Kinetics of IgG: volunteers, guillain_barre, together or cidp; default: the patient's.",
)
#: Every single mechanism, and none.
ALL = "all"
Mechanisms = Setting[str | Sequence[str], tuple[str, ...]]
MaybeShare = Setting[float | str | None, float | None]


def read_mechanism(value: str) -> str:
    """Read a mechanism, or `ALL`.

    Examples
    --------
    >>> read_mechanism("H2+H1a"), read_mechanism("all")
    ('H1a+H2', 'all')
    """
    return value if value == ALL else "+".join(parse_mechanism(value)) or "none"


def _mechanisms() -> Kind[str | Sequence[str], tuple[str, ...]]:
    return several(
        text(read_mechanism, metavar="MECHANISM", names=lambda: (*MECHANISMS, "none", ALL)), least=0
    )


@dataclass(frozen=True, kw_only=True)
class TrialRequest(WorkRequest):
    """Simulate a clinical trial many times at its published size, and compare it with what was published.

    FILE is a trial file, the name of a shipped trial (eaesim list trials), or all for every shipped one.
    eaesim new NAME --for trial writes a file to start from. Patients have attacks at random, run in, and are
    followed in every arm from the same state; the rate of attacks is calibrated to the placebo arm where the
    trial asks for it. Nothing is fitted to patients on IVIG unless --from-lesion is given. Writes trial.csv
    (published beside predicted, with verdicts), mechanisms.csv (how likely the published ratios of relapse
    rates are under each mechanism), placebo.csv (the calibrated rates) and the figure. If interrupted, the
    same command resumes after the last finished trial.

    Examples
    --------
    >>> TrialRequest(mechanism="H1a", replicates=100).changed()
    {'mechanism': ['H1a'], 'replicates': 100}
    """

    table = "trial"
    title = "Clinical trials of IVIG"
    input = "data"

    @staticmethod
    def data_names() -> tuple[str, ...]:
        """Return the names of the shipped trials."""
        return (*trial_names(), ALL)

    mechanism: Mechanisms = Setting(
        _mechanisms(), (), "Mechanism of IVIG, repeatable; all: each alone; default: that of the trial."
    )
    replicates: Count = Setting(count(20, 100_000), 2000, "Simulated trials, shared by the parameter sets.")
    patients: MaybeCount = Setting(
        optional(count(20, MOST_ANIMALS)),
        None,
        "Patients drawn for each parameter set, of which those that meet the entry are taken; default: 2000, "
        "or 400 with several sets, and more for large trials.",
    )
    parameter_sets: MaybeCount = PATIENT_SETS
    from_lesion: MaybeShare = Setting(
        optional(share()),
        None,
        "Share of attacks that start in a lesion, which H1 does not reach; default: that of the trial, or 0.",
    )
    microbial: MaybeShare = Setting(
        optional(share()), None, "Share of attacks that microbes start, which H7 binds; default: 0."
    )
    own_igg: Flag = Setting(flag(), False, "Let the patient's own IgG act as given IgG does.")
    kinetics: MaybeText = KINETICS
