"""The exported equations, solved by a method that is written here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from javascript import run_javascript

import eaesim as ea
from eaesim.interop.animal import typical_animal
from eaesim.model.score import severity
from eaesim.solver import solve
from eaesim.study.assembly import build_problem

# Heun's rule in small steps through the events, from the start to day 12.
SOLVE = """
function answer() {
  const n = model.states.length, array = () => new Float64Array(n), own = new Float64Array(model.numbers);
  const [first, second, ahead] = [array(), array(), array()], seen = new Float64Array(model.quantities);
  const y = Float64Array.from(animal.initial), steps = 500;
  model.prepare(animal.parameters, own);
  for (let step = 0; step < (12 - animal.start) * steps; step++) {
    for (const [day, state, amount] of animal.events)
      if (Math.round((day - animal.start) * steps) === step) y[state] += amount;
    model.rates(y, own, first);
    for (let i = 0; i < n; i++) ahead[i] = y[i] + first[i] / steps;
    model.rates(ahead, own, second);
    for (let i = 0; i < n; i++) y[i] += (first[i] + second[i]) / (2 * steps);
  }
  model.seen(y, own, seen);
  return [seen[0], y[model.states.indexOf("igg_plasma")]];
}"""


@pytest.mark.parametrize("day", [-2, 3])
def test_another_method_gives_the_package_s_severity(tmp_path: Path, day: float) -> None:
    arms = [ea.Arm("vehicle"), ea.Arm("treated", ea.Bolus("0.4 g/kg").at(day=day))]
    study = ea.Study("lewis", until=12, arms=arms)
    program = ea.export(study, to="javascript", arm="treated").replace("export const", "const")
    severe, igg = run_javascript(program + SOLVE, tmp_path)
    animal = typical_animal(study, arm="treated")
    problem = build_problem(
        [np.array(animal.parameters)], [animal.events], until=12, record=(severity, "igg_plasma")
    )
    expected = solve(problem, engine="reference").values[0, 12]
    assert expected[0] > 0.01
    assert severe == pytest.approx(expected[0], rel=2e-3)
    assert igg == pytest.approx(expected[1], rel=1e-4)


def test_a_title_is_no_code(tmp_path: Path) -> None:
    rat = ea.Study("lewis", arms=[ea.Arm('a"; throw 1; //')])
    program = ea.export(rat, to="javascript").replace("export const", "const")
    assert run_javascript(program + "\nfunction answer() { return animal.events.length; }", tmp_path) == 2
