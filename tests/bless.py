"""Two numbers of every question and strain from small runs; as a program it writes them to blessed.toml."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import eaesim as ea
from eaesim.questions.mechanisms.answer import bench_of, compete, plan
from eaesim.questions.mechanisms.request import MechanismsRequest
from eaesim.solver import Effort

FILE = Path(__file__).with_name("blessed.toml")
COMMAND = "python tests/bless.py"
HEAD = f"# Numbers of small runs, to four digits. `{COMMAND}` writes them anew; the difference is reviewed.\n"
STRAINS = ("lewis", "da")
SCORES = Path(__file__).parent / "evidence" / "laboratory_files" / "00_reference.csv"
ENDPOINTS = ["cumulative_score", "onset_day"]
# A design and a finding of each strain, of those that are compared.
DESIGN = {"lewis": "lewis_day_0", "da": "da_without_adjuvant"}
FINDINGS = {"lewis": ["A4", "E10"], "da": ["A1", "A7"]}


@cache
def study(strain: str) -> ea.Study:
    arms = [ea.Arm("vehicle"), ea.Arm("early", ea.Bolus("1 g/kg").at(day=1))]
    return ea.Study(strain, until=24, arms=arms)


@cache
def scores() -> ea.LaboratoryResult:
    return ea.scores(SCORES)


def _run(strain: str) -> dict[str, float]:
    table = study(strain).run(animals=20, members=4).table()
    return {name: table.loc[("early", name), "mean"] for name in ENDPOINTS}


def _timing(strain: str) -> dict[str, float]:
    found = ea.timing(strain, induction="immunisation", days=[0, 1], animals=20, parameter_sets=4)
    return dict(zip(["day_0", "day_1"], found.rows(found.panels[0])["effect"], strict=True))


def _sweep(strain: str) -> dict[str, float]:
    found = ea.sweep(study(strain), {"arm.early.day": [0, 2]}, animals=20, workers=1)
    return dict(
        zip(["day_0", "day_2"], found.table(endpoint="mean_score", arm="early")["effect"], strict=True)
    )


def _power(strain: str) -> dict[str, float]:
    found = ea.power(study(strain), sizes=[5], studies=400, pool=400, parameter_sets=4)
    return found.table().groupby("endpoint")["power"].first()[ENDPOINTS].to_dict()


def _schedule(strain: str) -> dict[str, float]:
    table = ea.schedule(study(strain), animals=20, parameter_sets=4).table()
    early = table[(table["arm"] == "early") & (table["endpoint"] == "cumulative_score")].iloc[0]
    return early[["effect", "igg_area"]].to_dict()


def _optimise(strain: str) -> dict[str, float]:
    found = ea.optimise(study(strain), doses=2, latest=3.0, animals=10, parameter_sets=2, generations=1)
    return {"effect": found.table()["effect"].iloc[0], "first_amount": found.doses_table()["amount"].iloc[0]}


def _mistiming(strain: str) -> dict[str, float]:
    if strain == "lewis":  # which relapses too little for an effect to be given
        return {}
    found = ea.mistiming(strain, days=[-7.0, 0.0], intervals=[14.0], animals=10, parameter_sets=2)
    return {"expected": found.table()["expected"].iloc[1], "worst": found.worst(14.0).effect.value}


def _sensitivity(strain: str) -> dict[str, float]:
    names = ["priming_rate", "cns_entry_rate"]
    found = ea.sensitivity(study(strain), parameters=names, trajectories=4, animals=5, arm="early", workers=1)
    return found.rows(found.plan.outputs[0]).set_index("parameter")["mu_star"].to_dict()


@cache
def _compete() -> dict[str, float]:
    asked = plan(None, MechanismsRequest(mechanism=["H1a"], parameter_sets=4, animals=4))
    table = compete(asked.mechanisms, bench_of(asked, Effort()), seed=asked.request.seed).table()
    return table.set_index("finding")["predicted"].to_dict()


def _mechanisms(strain: str) -> dict[str, float]:
    return {finding: _compete()[finding] for finding in FINDINGS[strain]}


@cache
def _told() -> dict[str, list[float]]:
    table = ea.discriminate(mechanism=["H1a", "H4"], parameter_sets=4, animals=4).table()
    return {design: list(own["bits"]) for design, own in table.groupby("design")}


def _discriminate(strain: str) -> dict[str, float]:
    few, _, many = _told()[DESIGN[strain]][:3]
    return {"bits_of_few": few, "bits_of_many": many}


def _scores(strain: str) -> dict[str, float]:
    if strain == "da":  # the scores are read without a model
        return {}
    return scores().tests_table().groupby("endpoint")["p_value"].first()[["peak_score", "score"]].to_dict()


def _fit_scores(strain: str) -> dict[str, float]:
    found = ea.fit_scores(SCORES, rat=strain, sets=200).table()
    return found.set_index("reading")["predicted"][ENDPOINTS].to_dict()


QUESTIONS: tuple[Callable[[str], dict[str, float]], ...] = (
    *(
        _run,
        _timing,
        _sweep,
        _power,
        _schedule,
        _optimise,
        _mistiming,
        _sensitivity,
        _mechanisms,
        _discriminate,
    ),
    *(_scores, _fit_scores),
)


def computed() -> dict[str, str]:
    """Return every number in four digits by its name, as question.strain.number."""
    return {
        f"{answer.__name__[1:]}.{strain}.{name}": f"{float(value) + 0.0:.4g}"
        for answer in QUESTIONS
        for strain in STRAINS
        for name, value in answer(strain).items()
    }


def blessed() -> dict[str, str]:
    """Return what the file says, in the same form."""
    return dict(line.split(" = ") for line in FILE.read_text("utf-8").splitlines() if " = " in line)


if __name__ == "__main__":
    FILE.write_text(
        HEAD + "".join(f"{name} = {value}\n" for name, value in computed().items()), encoding="utf-8"
    )
