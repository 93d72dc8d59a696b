"""Trials as the text of a trial file."""

from __future__ import annotations

from dataclasses import fields

from eaesim.files import Content
from eaesim.protocol.arm import Arm
from eaesim.protocol.entry import Entry
from eaesim.protocol.outcome import Published
from eaesim.protocol.quantity import number_text
from eaesim.protocol.tables import arm_table, plain_number
from eaesim.protocol.trial import Trial, TrialArm


def trial_text(trial: Trial) -> str:
    """Write a trial file; `parse_trial` reads an equal trial back.

    Examples
    --------
    >>> from eaesim.protocol.trialfile import read_trial
    >>> print(trial_text(read_trial("esims")).splitlines()[1])
    subject = "patient_progressive"
    """
    import tomlkit

    document = tomlkit.document()
    study: dict[str, Content] = {"subject": trial.subject, "until": trial.until}
    if trial.edss is not None:
        study["edss"] = trial.edss
    if not trial.later_attacks:
        study["later_attacks"] = False
    if trial.run_in:
        study["run_in"] = f"{trial.run_in} day"
    document["study"] = study | {"mechanism": trial.mechanism}
    if trial.attacks.given():
        document["attacks"] = trial.attacks.given()
    if trial.parameters:
        document["parameters"] = dict(trial.parameters)
    document["arm"] = [_arm_table(arm) for arm in trial.arms]
    document["trial"] = _trial_table(trial)
    return tomlkit.dumps(document)


def _arm_table(arm: TrialArm) -> dict[str, Content]:
    table = arm_table(arm.arm)
    return {"name": table.pop("name"), "patients": arm.patients, **table}


def _trial_table(trial: Trial) -> dict[str, Content]:
    table: dict[str, Content] = {}
    for key in ("title", "claim"):
        if getattr(trial, key):
            table[key] = getattr(trial, key)
    if trial.entry is not None:
        table["entry"] = _entry_table(trial.entry)
    if trial.dropout:
        table["dropout"] = f"{number_text(100 * trial.dropout)} %/year"
    if trial.sequence:
        table["sequence"] = list(trial.sequence)
    if trial.background.lines:
        given = arm_table(Arm("background", trial.background))
        del given["name"]
        table["background"] = given.get("doses", [given])
    if trial.placebo is not None:
        table["placebo"] = {"endpoint": trial.placebo.endpoint, "value": trial.placebo.value}
    if trial.published:
        table["published"] = [_published_table(row) for row in trial.published]
    return table


def _entry_table(entry: Entry) -> dict[str, Content]:
    every = {each.name: getattr(entry, each.name) for each in fields(entry)}
    given = {key: value for key, value in every.items() if value is not None}
    return {key: value if key in ("relapses", "years") else f"{value} day" for key, value in given.items()}


def _published_table(row: Published) -> dict[str, Content]:
    table: dict[str, Content] = {}
    for each in fields(Published):
        value = getattr(row, each.name)
        if value != each.default:
            table[each.name] = list(value) if isinstance(value, tuple) else value
    return {key: plain_number(value) if isinstance(value, float) else value for key, value in table.items()}
