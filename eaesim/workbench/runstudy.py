"""Run a study with the animals and the effort of a question."""

from __future__ import annotations

from collections.abc import Sequence

from eaesim.solver import Effort
from eaesim.study import Result, Study, Subjects
from eaesim.study.study import RECORD


def run_study(
    study: Study, subjects: Subjects, effort: Effort, *, record: Sequence[str] = RECORD, courses: bool = False
) -> Result:
    """Run every arm with the same rats, as `Study.run` does; courses are kept if `courses`.

    Examples
    --------
    >>> from eaesim.protocol import Arm
    >>> study = Study("lewis", until=5, arms=[Arm("vehicle")])
    >>> run_study(study, Subjects(animals=2, parameter_sets=1), Effort()).number
    2
    """
    return study.run(
        animals=subjects.animals,
        seed=subjects.seed,
        members=subjects.parameter_sets,
        dead=subjects.dead,
        record=record,
        courses=courses,
        engine=effort.engine,
        accuracy=effort.accuracy,
        workers=effort.workers,
        progress=effort.progress,
    )
