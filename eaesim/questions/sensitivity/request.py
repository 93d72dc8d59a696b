"""Settings of a sensitivity analysis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

from eaesim.endpoints import ENDPOINTS
from eaesim.errors import ProtocolError, QuantityError
from eaesim.files import Content, Table, within
from eaesim.protocol.kinds import (
    Count,
    Flag,
    MaybeText,
    MaybeTexts,
    Text,
    choice,
    count,
    flag,
    listed,
    optional,
    text,
)
from eaesim.protocol.settings import AnyKind, Kind, Setting
from eaesim.protocol.tablekinds import keyed
from eaesim.protocol.values import Range, read_values
from eaesim.questions.sensitivity.indices import METHODS
from eaesim.study.cohort import MOST_ANIMALS
from eaesim.workbench.madestudy import MadeStudy
from eaesim.workbench.request import ClusterRequest

MOST_SAMPLES = 65_536
#: One output, by its settings.
OUTPUT: dict[str, AnyKind] = {"endpoint": text(), "arm": text(), "against": text(), "relative": flag()}
_SEED = replace(ClusterRequest.settings()["seed"], is_in_file=False)
_EXAMPLE = {"endpoint": "peak_score", "arm": "day 0", "against": "vehicle"}

Outputs = Setting[Sequence[Table] | None, tuple[Table, ...] | None]
Ranges = Setting[Table | None, Mapping[str, Range] | None]


def _ranges() -> Kind[Table, dict[str, Range]]:
    return Kind(
        read=_read_ranges,
        metavar="",
        schema={
            "type": "object",
            "additionalProperties": {"type": "object", "required": ["low", "high"]},
            "examples": [{"parameter.igg_uptake": {"low": 1, "high": 4, "scale": "log"}}],
        },
        write=lambda value: {path: bounds.table() for path, bounds in value.items()},
    )


def _read_ranges(value: Content, place: str) -> dict[str, Range]:
    found = {}
    with within(place):
        if not isinstance(value, Mapping):
            raise ProtocolError("ranges is not a table; write [sensitivity.ranges].")
        for path, given in value.items():
            bounds = read_values(path, given, is_grid=False)
            if not isinstance(bounds, Range):
                raise ProtocolError(f'"{path}" needs a range here, such as {{ low = 1, high = 2 }}.')
            found[str(path)] = bounds
    return found


def _samples() -> Kind[int, int]:
    whole = count(METHODS["sobol"].least, MOST_SAMPLES)

    def read(value: int, place: str) -> int:
        size = whole.read(value, place)
        power = 1 << (size.bit_length() - 1)
        if size != power:
            raise QuantityError(f"{place} {size} is not a power of 2; write {power} or {2 * power}.")
        return size

    return replace(whole, read=read)


@dataclass(frozen=True, kw_only=True)
class SensitivityRequest(MadeStudy, ClusterRequest):
    """Vary all unknowns together, and rank them by their influence on an endpoint or an effect.

    Writes sensitivity.csv, convergence.csv and the figure. A [sensitivity] table in the study file may give
    the settings; options override it. The same rats are used at every set of values.
    Without a file, --dose and --day make the study, an arm each beside untreated rats.

    Examples
    --------
    >>> SensitivityRequest(ranges={"arm.day 0.day": {"low": -7, "high": 14}}).changed()
    {'ranges': {'arm.day 0.day': {'low': -7, 'high': 14}}}
    """

    table = "sensitivity"
    title = "Which unknowns decide"
    refused = {  # noqa: RUF012 - read only
        "parameter_sets": "it is not for a sensitivity analysis, which varies the typical rat."
    }

    method: Text = Setting(
        choice("method", METHODS),
        "morris",
        "Method: morris (mean size of an elementary effect) for many unknowns, sobol (shares of the "
        "variance) for a few.",
    )
    endpoint: Text = Setting(
        text(names=lambda: ENDPOINTS), "peak_score", "Endpoint whose mean over the rats of an arm is read."
    )
    arm: MaybeText = Setting(
        optional(text()), None, "Arm that is read; default: the effect of every arm against the control."
    )
    against: MaybeText = Setting(
        optional(text()), None, "Arm from whose mean that of the arm is subtracted; default: none."
    )
    relative: Flag = Setting(
        flag(), False, "Divide by the control's mean; sets of values without disease then have no value."
    )
    outputs: Outputs = Setting(
        optional(listed(keyed("output", OUTPUT, example=_EXAMPLE))),
        None,
        "Several outputs of the same runs, each a table of endpoint, arm, against and relative.",
        option="",
    )
    parameters: MaybeTexts = Setting(
        optional(listed(text(), least=0)),
        None,
        "Parameters that are varied, or their kinds (biology, drug, protocol, reading); default: all whose "
        "bounds differ, but for protocol settings and what the user set.",
    )
    ranges: Ranges = Setting(
        optional(_ranges()),
        None,
        "Your own bounds (low, high, scale) by path, as in [sweep]: a parameter, the day or the dose of a "
        "line of doses, or the amount or the cells of an induction.",
        option="",
    )
    trajectories: Count = Setting(
        count(METHODS["morris"].least, MOST_SAMPLES),
        20,
        "Trajectories of morris; each has one set of values more than there are unknowns.",
    )
    samples: Count = Setting(
        _samples(),
        256,
        "Base samples of sobol, a power of 2; each has two sets of values more than there are unknowns.",
    )
    sampling_seed: Count = Setting(
        count(0, 2**63 - 1), 1, "Random seed of the sets of values.", formerly_in_file=("seed",)
    )
    animals: Count = Setting(
        count(1, MOST_ANIMALS),
        20,
        "Rats, the same at every set of values; default: those of the study file.",
    )
    seed: Count = _SEED

    def with_options(self, options: Table) -> Self:
        """Put options before the file: an output replaces all of its outputs, parameters its ranges."""
        given = {name: value for name, value in options.items() if value is not None}
        file: dict[str, Content] = {"ranges": None} if "parameters" in given else {}
        if not given.keys().isdisjoint(("arm", "against", "relative")):
            file |= {"outputs": None, "arm": None, "against": None, "relative": False}
        elif "endpoint" in given and self.outputs:
            chosen = given.pop("endpoint")
            file["outputs"] = tuple({**output, "endpoint": chosen} for output in self.outputs)
        return super(SensitivityRequest, self.with_values(**file)).with_options(given)
