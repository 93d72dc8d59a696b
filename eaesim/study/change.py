"""A study with other values at some paths."""

from __future__ import annotations

from collections.abc import Mapping

from eaesim.protocol.path import StudyPath, change_design
from eaesim.protocol.values import Value
from eaesim.study.rats import load
from eaesim.study.study import Study


def change_study(study: Study, changes: Mapping[StudyPath, Value]) -> Study:
    """Return a study with other values at some paths; values set by the user are kept for another rat.

    Examples
    --------
    >>> from eaesim.protocol import Arm
    >>> from eaesim.protocol.path import read_path
    >>> study = Study("lewis", arms=[Arm("vehicle")])
    >>> change_study(study, {read_path("rat", study.design): "da"}).rat
    Rat('da')
    """
    rat = study.rat
    for path, value in changes.items():
        if path.keys == ("rat",):
            rat = load(str(value)).replace(**{entry.name: entry.value for entry in rat.changes})
    own = {path.parameter: value for path, value in changes.items() if path.parameter}
    return Study.from_design(rat.replace(**own) if own else rat, change_design(study.design, changes))
