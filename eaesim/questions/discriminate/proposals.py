"""Experiments that a laboratory could run to tell mechanisms apart."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

from eaesim.endpoints import endpoint
from eaesim.errors import unknown_name
from eaesim.estimation.experiment import Experiment, read_experiments
from eaesim.estimation.trial import AT_ONSET, Trial, shortened
from eaesim.evidence import finding, load_findings
from eaesim.evidence.setting import arm_setting, concerns, mismatch
from eaesim.files import Unchecked
from eaesim.protocol import Arm, Design
from eaesim.protocol.dose import STUDIED_DRUG, parse_dose
from eaesim.protocol.quantity import number_text
from eaesim.questions.mechanisms.trials import with_drug

DESIGNS = Path(__file__).with_name("designs.toml")


@dataclass(frozen=True)
class Proposal:
    """A treated and an untreated arm that a laboratory could run.

    Attributes
    ----------
    name, title
        Its id, and what is done in few words.
    dose
        What the treated arm is given, as text.
    trial
        What is simulated, and what is compared.
    named
        A published finding on the same design whose dosing day is not stated; empty where there is none.
    """

    name: str
    title: str
    dose: str
    trial: Trial
    named: str = ""

    @property
    def given(self) -> str:
        """What the treated arm is given, and when.

        Examples
        --------
        >>> read_proposals()["lewis_day_-7"].given
        '1 g/kg, day -7'
        """
        day = self.trial.day
        when = "at first signs" if isinstance(day, str) else f"day {number_text(day)}"
        return f"{self.dose}, {when}"

    @property
    def repeats(self) -> tuple[str, ...]:
        """The findings that it would repeat: on such rats, dosed like this, with the same read-out.

        Examples
        --------
        >>> read_proposals()["lewis_low_dose"].repeats
        ('A4', 'A7', 'A8.clinical_score')
        >>> read_proposals()["lewis_day_1"].repeats
        ()
        """
        if self.trial.dose.drug != STUDIED_DRUG:
            return ()
        if self.trial.donors is not None:
            return (self.named,) if self.named else ()
        trial, design = self.trial, self.trial.experiment.design
        when = {"onset": "score >= 1"} if isinstance(trial.day, str) else {"day": trial.day}
        treated = Arm("treated", trial.dose.at(**when))
        inductions = design.inductions_of(design.arms[0])
        both = Design(design.until, inductions, [Arm("vehicle"), treated])
        setting = arm_setting(treated, design=both, strain=trial.experiment.strain)
        return tuple(
            one.id
            for one in load_findings()
            if one.id == self.named
            or (
                one.drug == STUDIED_DRUG
                and one.fits(trial.endpoint)
                and concerns(one, setting)
                and mismatch(one, setting) is None
            )
        )


def read_proposals(path: Path = DESIGNS) -> dict[str, Proposal]:
    """Return the experiments that could be run, by name.

    Raises
    ------
    UnknownNameError
        If one names no experiment, endpoint or finding.

    Examples
    --------
    >>> read_proposals()["lewis_day_1"].trial.day
    1.0
    """
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    return {name: _proposal(name, table) for name, table in content.items()}


def proposals_of(drug: str, dose: str) -> dict[str, Proposal]:
    """Return the experiments with another drug than IVIG, a dose of it in place of 1 g/kg.

    Examples
    --------
    >>> proposals_of("late_acting", "1 mg/kg")["lewis_low_dose"].given
    '0.4 mg/kg, day 0'
    """
    trials = {name: with_drug(each.trial, dose, drug=drug) for name, each in read_proposals().items()}
    return {
        name: replace(each, trial=trials[name], dose=trials[name].dose.text(), named="")
        for name, each in read_proposals().items()
    }


def _proposal(name: str, table: Unchecked) -> Proposal:
    experiments = read_experiments()
    if table["experiment"] not in experiments:
        raise unknown_name(table["experiment"], "experiment", experiments)
    experiment = experiments[table["experiment"]]
    if "until" in table:
        experiment = shortened(experiment, table["until"])
    day = table["day"] if table["day"] == AT_ONSET else float(table["day"])
    since_relapse = table.get("since_relapse", False)
    last = experiment.design.until if since_relapse else experiment.course
    read = endpoint(table["endpoint"], until=last).name
    donors = _donors(table, experiments)
    trial = Trial(experiment, parse_dose(table["dose"]), day, read, since_relapse, donors)
    published = table.get("finding", "")
    return Proposal(name, table["title"], table["dose"], trial, finding(published).id if published else "")


def _donors(table: Unchecked, experiments: dict[str, Experiment]) -> Experiment | None:
    """Return the experiment whose rats give their cells on the day of harvest, where there is one."""
    if "donors" not in table:
        return None
    if table["donors"] not in experiments:
        raise unknown_name(table["donors"], "experiment", experiments)
    return shortened(experiments[table["donors"]], table["harvest"])
