"""Machine code as object files: emitted for this processor, stored with what describes it, and linked."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from eaesim.solver.lanes.cache import stored
from eaesim.solver.lanes.folding import Folded, Step
from eaesim.solver.lanes.layout import Layout
from eaesim.solver.trace import Tape

_LENGTH = 8


@dataclass(frozen=True)
class Compiled:
    """Equations compiled for the lanes.

    Attributes
    ----------
    code
        Object file.
    layout
        Memory layout.
    numbers
        Places of the arguments other than the state.
    folded
        The equations.
    """

    code: bytes
    layout: Layout
    numbers: tuple[int, ...]
    folded: Folded


def kept(key: object, tape: Tape, build: Callable[[], Compiled]) -> Compiled:
    """Return compiled equations from disk, or compile them and store them for the next process.

    Parameters
    ----------
    key
        All that the code depends on besides this machine and the package; told apart by its text.
    tape
        The equations.
    build
        Function that compiles them.
    """
    content, _ = stored(key, lambda: _packed(build()))
    about, code = unpacked(content)
    folded = about["folded"]
    layout: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in about["layout"].items()
    }
    steps = {place: Step(operator, tuple(sides)) for place, operator, sides in folded["steps"]}
    return Compiled(
        code,
        Layout(**layout),
        tuple(about["numbers"]),
        Folded(tape, steps, frozenset(folded["fixed"]), *map(tuple, folded["rest"])),
    )


def _packed(compiled: Compiled) -> bytes:
    folded = compiled.folded
    equations = {
        "steps": [(place, step.operator, step.sides) for place, step in folded.steps.items()],
        "fixed": sorted(folded.fixed),
        "rest": (folded.live, folded.rates, folded.quantities),
    }
    about = {"layout": asdict(compiled.layout), "numbers": compiled.numbers, "folded": equations}
    return packed(about, compiled.code)


def packed(about: Any, code: bytes) -> bytes:
    """Return an object file with plain values about it, as one content.

    Examples
    --------
    >>> unpacked(packed({"name": "step"}, b"code"))
    ({'name': 'step'}, b'code')
    """
    text = json.dumps(about).encode()
    return len(text).to_bytes(_LENGTH, "little") + text + code


def unpacked(content: bytes) -> tuple[Any, bytes]:
    """Return what `packed` was given."""
    end = _LENGTH + int.from_bytes(content[:_LENGTH], "little")
    return json.loads(content[_LENGTH:end]), content[end:]


def emitted(text: str) -> bytes:
    """Return the object file of LLVM code."""
    from llvmlite import binding

    # LLVM's optimisation passes gain nothing here: the code has few loops and no duplicates.
    parsed = binding.parse_assembly(text)
    parsed.verify()
    return bytes(_machine().emit_object(parsed))


def linked(code: bytes) -> Any:
    """Return the owner of an object file's functions in memory, which knows their addresses."""
    from llvmlite import binding

    engine = binding.create_mcjit_compiler(binding.parse_assembly(""), _machine())
    engine.add_object_file(binding.ObjectFileRef.from_data(code))
    engine.finalize_object()
    return engine


def _machine() -> Any:
    from llvmlite import binding

    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    return binding.Target.from_default_triple().create_target_machine(
        cpu=binding.get_host_cpu_name(), features=binding.get_host_cpu_features().flatten(), opt=2, jit=True
    )
