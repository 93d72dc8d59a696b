"""A number in every lane: LLVM's vector of doubles as a Numba type.

Plain arithmetic on it is one instruction for all lanes; LLVM cuts a vector that is wider than the machine's
registers into pieces. The width is part of the type: functions take it as a tuple of that length.
"""

from __future__ import annotations

import operator
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.imputils import lower_builtin
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, models, register_model

# Only multiplication and addition may be fused, so every lane is bit-identical.
FLAGS = ("contract", "nsz", "arcp")
DOUBLE = ir.DoubleType()
_WORD = ir.IntType(64)


class Vector(types.Type):
    """A number in each of `width` lanes."""

    def __init__(self, width: int) -> None:
        self.width = width
        super().__init__(name=f"vector of {width}")


class Mask(types.Type):
    """Yes or no in each of `width` lanes."""

    def __init__(self, width: int) -> None:
        self.width = width
        super().__init__(name=f"mask of {width}")


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, ir.VectorType(DOUBLE, kind.width))


@register_model(Mask)
class _MaskModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, ir.VectorType(ir.IntType(1), kind.width))


def constant(width: int, value: float) -> Any:
    """Return the LLVM constant that is `value` in every lane."""
    return ir.Constant(ir.VectorType(DOUBLE, width), [float(value)] * width)


def _spread(builder: Any, value: Any, width: int) -> Any:
    kind = ir.VectorType(value.type, width)
    first = builder.insert_element(ir.Constant(kind, ir.Undefined), value, ir.Constant(ir.IntType(32), 0))
    places = ir.Constant(ir.VectorType(ir.IntType(32), width), [0] * width)
    return builder.shuffle_vector(first, ir.Constant(kind, ir.Undefined), places)


def _as_vector(context: Any, builder: Any, kind: Any, value: Any, width: int) -> Any:
    if isinstance(kind, Vector):
        return value
    return _spread(builder, context.cast(builder, value, kind, types.float64), width)


def _common(args: tuple[Any, ...]) -> Any:
    """Return the vector type of a pair, one of which may be a scalar."""
    if len(args) != 2:
        return None
    for one, other in (args, args[::-1]):
        if isinstance(one, Vector) and (
            one == other or isinstance(other, (types.Number, types.IntegerLiteral))
        ):
            return one
    return None


def _define(symbol: Any, result: Any, emit: Any) -> None:
    """Teach Numba an operator on two vectors, or a vector and a number."""

    @infer_global(symbol)
    class _Template(AbstractTemplate):
        def generic(self, args: Any, _: Any) -> Any:
            common = _common(args)
            return None if common is None else signature(result(common), *args)

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        width = sig.return_type.width
        return emit(
            builder,
            *(_as_vector(context, builder, *pair, width) for pair in zip(sig.args, args, strict=True)),
        )

    for kinds in ((Vector, Vector), (Vector, types.Number), (types.Number, Vector)):
        lower_builtin(symbol, *kinds)(lower)


def _arithmetic(symbol: Any, name: str) -> None:
    _define(symbol, lambda common: common, lambda builder, x, y: getattr(builder, name)(x, y, flags=FLAGS))


def _comparison(symbol: Any, sign: str) -> None:
    # Ordered: a comparison with NaN is false in that lane.
    _define(symbol, lambda common: Mask(common.width), lambda builder, x, y: builder.fcmp_ordered(sign, x, y))


for _symbol, _name in (
    (operator.add, "fadd"),
    (operator.sub, "fsub"),
    (operator.mul, "fmul"),
    (operator.truediv, "fdiv"),
):
    _arithmetic(_symbol, _name)
for _symbol, _sign in ((operator.lt, "<"), (operator.le, "<="), (operator.gt, ">"), (operator.ge, ">=")):
    _comparison(_symbol, _sign)


def library(name: str) -> Any:
    """Return one of LLVM's intrinsic functions on vectors."""

    def call(builder: Any, *args: Any) -> Any:
        kind = args[0].type
        full = f"llvm.{name}.v{kind.count}f64"
        function = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(kind, [arg.type for arg in args]), full
        )
        return builder.call(function, args)

    return call


@intrinsic
def rough_root(_: Any, x: Any, root: Any) -> Any:
    """Return positive lanes to the power of minus root / 16, to within a few hundredths.

    The bits of a float approximate its logarithm.
    """

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        words = ir.VectorType(_WORD, x.width)
        one, sixteen = (ir.Constant(words, [number] * x.width) for number in (0x3FF0000000000000, 4))
        power = _spread(builder, args[1], x.width)
        logarithm = builder.ashr(builder.sub(builder.bitcast(args[0], words), one), sixteen)
        return builder.bitcast(builder.sub(one, builder.mul(logarithm, power)), args[0].type)

    return x(x, types.int64), emit


def rough_inverse(builder: Any, value: Any) -> Any:
    """Return 1 / value of positive lanes to within two hundredths, without a division."""
    width = value.type.count
    words = ir.VectorType(_WORD, width)
    # The bits of a float approximate its logarithm; one Newton step refines the result.
    magic = ir.Constant(words, [0x7FDE6238502484BA] * width)
    guess = builder.bitcast(builder.sub(magic, builder.bitcast(value, words)), value.type)
    rest = library("fma")(builder, builder.fneg(value), guess, constant(width, 2.0))
    return builder.fmul(guess, rest)


def _extreme(name: str) -> Any:
    @intrinsic
    def function(_: Any, x: Any, y: Any) -> Any:
        def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            return library(name)(
                builder, args[0], _as_vector(context, builder, sig.args[1], args[1], x.width)
            )

        return x(x, y), emit

    return function


larger, smaller = _extreme("maxnum"), _extreme("minnum")


@intrinsic
def select(_: Any, mask: Any, yes: Any, no: Any) -> Any:
    """Return `yes` where the mask holds, else `no`; one of them may be a scalar."""
    kind = yes if isinstance(yes, Vector) else no

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        pairs = zip(sig.args[1:], args[1:], strict=True)
        return builder.select(args[0], *(_as_vector(context, builder, *pair, kind.width) for pair in pairs))

    return kind(mask, yes, no), emit


@intrinsic
def bits(_: Any, mask: Any) -> Any:
    """Return a mask as a whole number, lane 0 in its lowest bit."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.zext(builder.bitcast(args[0], ir.IntType(mask.width)), _WORD)

    return types.int64(mask), emit


def _place(context: Any, builder: Any, sig: Any, args: Any, width: int) -> Any:
    data = context.make_array(sig.args[0])(context, builder, args[0]).data
    return builder.bitcast(builder.gep(data, [args[1]]), ir.VectorType(DOUBLE, width).as_pointer())


@intrinsic
def load(_: Any, array: Any, index: Any, width: Any) -> Any:
    """Load a vector from an array, from `index` on."""
    kind = Vector(len(width))

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.load(_place(context, builder, sig, args, kind.width), align=8)

    return kind(array, types.intp, width), emit


@intrinsic
def store(_: Any, array: Any, index: Any, value: Any) -> Any:
    """Store a vector in an array, from `index` on."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        builder.store(args[2], _place(context, builder, sig, args, value.width), align=8)
        return context.get_dummy_value()

    return types.void(array, types.intp, value), emit


@intrinsic
def every(_: Any, value: Any, width: Any) -> Any:
    """Return a vector that is `value` in every lane."""
    kind = Vector(len(width))

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return _spread(builder, args[0], kind.width)

    return kind(types.float64, width), emit


@intrinsic
def call_at(_: Any, address: Any, array: Any, first: Any, second: Any, third: Any) -> Any:
    """Call the machine code at an address with three places in an array."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        data = context.make_array(sig.args[1])(context, builder, args[1]).data
        pointer = DOUBLE.as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [pointer] * 3)
        function = builder.inttoptr(args[0], kind.as_pointer())
        builder.call(function, [builder.gep(data, [place]) for place in args[2:]])
        return context.get_dummy_value()

    return types.void(types.int64, array, types.int64, types.int64, types.int64), emit
