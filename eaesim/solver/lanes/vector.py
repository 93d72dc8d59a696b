"""A number in every lane: LLVM's vector of floats, single or double, as a Numba type.

Plain arithmetic on it is one instruction for all lanes; LLVM cuts a vector that is wider than the machine's
registers into pieces. The width is part of the type: functions take it as a tuple of that length.
"""

from __future__ import annotations

import operator
from typing import Any

from llvmlite import binding, ir
from numba import types
from numba.core import cgutils
from numba.core.imputils import lower_builtin
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, models, register_model

from eaesim.solver.lanes.instructions import BITS, DOUBLE, SINGLE, library

# Only multiplication and addition may be fused, so every lane is bit-identical.
FLAGS = ("contract", "nsz", "arcp")
_WORD = ir.IntType(64)


class Vector(types.Type):
    """A number of Numba type `item` in each of `width` lanes."""

    def __init__(self, item: Any, width: int) -> None:
        self.item, self.width = item, width
        super().__init__(name=f"vector of {width} {item}")

    @property
    def number(self) -> Any:
        """LLVM's type of a number."""
        return DOUBLE if self.item == types.float64 else SINGLE


class Mask(types.Type):
    """Yes or no in each of `width` lanes."""

    def __init__(self, width: int) -> None:
        self.width = width
        super().__init__(name=f"mask of {width}")


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, ir.VectorType(kind.number, kind.width))


@register_model(Mask)
class _MaskModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, ir.VectorType(ir.IntType(1), kind.width))


def _spread(builder: Any, value: Any, width: int) -> Any:
    kind = ir.VectorType(value.type, width)
    first = builder.insert_element(ir.Constant(kind, ir.Undefined), value, ir.Constant(ir.IntType(32), 0))
    places = ir.Constant(ir.VectorType(ir.IntType(32), width), [0] * width)
    return builder.shuffle_vector(first, ir.Constant(kind, ir.Undefined), places)


def _as_vector(context: Any, builder: Any, kind: Any, value: Any, like: Any) -> Any:
    if isinstance(kind, Vector):
        return value
    return _spread(builder, context.cast(builder, value, kind, like.item), like.width)


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
        common = _common(sig.args)
        return emit(
            builder,
            *(_as_vector(context, builder, *pair, common) for pair in zip(sig.args, args, strict=True)),
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


@intrinsic
def rough_root(_: Any, x: Any, root: Any) -> Any:
    """Return positive lanes to the power of minus root / 16, to within a few hundredths.

    The bits of a float approximate its logarithm.
    """

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        word, bits_of_one, _ = BITS[x.number]
        words = ir.VectorType(word, x.width)
        one, sixteen = (ir.Constant(words, [number] * x.width) for number in (bits_of_one, 4))
        power = _spread(builder, builder.trunc(args[1], word) if word.width < 64 else args[1], x.width)
        logarithm = builder.ashr(builder.sub(builder.bitcast(args[0], words), one), sixteen)
        return builder.bitcast(builder.sub(one, builder.mul(logarithm, power)), args[0].type)

    return x(x, types.int64), emit


def _extreme(name: str) -> Any:
    @intrinsic
    def function(_: Any, x: Any, y: Any) -> Any:
        def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            return library(name)(builder, args[0], _as_vector(context, builder, sig.args[1], args[1], x))

        return x(x, y), emit

    return function


larger, smaller = _extreme("maxnum"), _extreme("minnum")


@intrinsic
def select(_: Any, mask: Any, yes: Any, no: Any) -> Any:
    """Return `yes` where the mask holds, else `no`; one of them may be a scalar."""
    kind = yes if isinstance(yes, Vector) else no

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        pairs = zip(sig.args[1:], args[1:], strict=True)
        return builder.select(args[0], *(_as_vector(context, builder, *pair, kind) for pair in pairs))

    return kind(mask, yes, no), emit


@intrinsic
def bits(_: Any, mask: Any) -> Any:
    """Return a mask as a whole number, lane 0 in its lowest bit."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.zext(builder.bitcast(args[0], ir.IntType(mask.width)), _WORD)

    return types.int64(mask), emit


@intrinsic
def among(_: Any, word: Any, width: Any) -> Any:
    """Return the mask of which a whole number has the bits."""
    lanes = len(width)

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        narrow = builder.trunc(args[0], ir.IntType(lanes))
        return builder.bitcast(narrow, ir.VectorType(ir.IntType(1), lanes))

    return Mask(lanes)(types.int64, width), emit


@intrinsic
def lowest(_: Any, word: Any) -> Any:
    """Return the place of the lowest bit that is set; a word of 0 has none."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        kind = ir.FunctionType(_WORD, [_WORD, ir.IntType(1)])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.cttz.i64")
        return builder.call(function, [args[0], ir.Constant(ir.IntType(1), 1)])

    return types.int64(types.int64), emit


@intrinsic
def narrowed(_: Any, x: Any, like: Any) -> Any:
    """Return a vector in double precision in that of another."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return args[0] if x == like else builder.fptrunc(args[0], ir.VectorType(like.number, x.width))

    return like(x, like), emit


@intrinsic
def widened(_: Any, x: Any) -> Any:
    """Return a vector in double precision."""
    kind = Vector(types.float64, x.width)

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        if x == kind:
            return args[0]
        return builder.fpext(args[0], ir.VectorType(DOUBLE, x.width))

    return kind(x), emit


def _place(context: Any, builder: Any, sig: Any, args: Any, kind: Any) -> Any:
    data = context.make_array(sig.args[0])(context, builder, args[0]).data
    return builder.bitcast(builder.gep(data, [args[1]]), ir.VectorType(kind.number, kind.width).as_pointer())


@intrinsic
def load(_: Any, array: Any, index: Any, width: Any) -> Any:
    """Load a vector from an array, from `index` on."""
    kind = Vector(array.dtype, len(width))

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.load(_place(context, builder, sig, args, kind), align=array.dtype.bitwidth // 8)

    return kind(array, types.intp, width), emit


@intrinsic
def store(_: Any, array: Any, index: Any, value: Any) -> Any:
    """Store a vector in an array, from `index` on; its numbers are converted to those of the array."""
    kind = Vector(array.dtype, value.width)

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        given = args[2]
        if value.number is not kind.number:
            name = "fpext" if kind.number is DOUBLE else "fptrunc"
            given = getattr(builder, name)(given, ir.VectorType(kind.number, kind.width))
        builder.store(given, _place(context, builder, sig, args, kind), align=array.dtype.bitwidth // 8)
        return context.get_dummy_value()

    return types.void(array, types.intp, value), emit


@intrinsic
def item(_: Any, array: Any, index: Any) -> Any:
    """Return a number of an array of any shape, counted in memory; an index is never from the end."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        data = context.make_array(sig.args[0])(context, builder, args[0]).data
        return builder.load(builder.gep(data, [args[1]]))

    return array.dtype(array, types.int64), emit


@intrinsic
def put(_: Any, array: Any, index: Any, value: Any) -> Any:
    """Store a number in an array of any shape, counted in memory; it is converted to those of the array."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        data = context.make_array(sig.args[0])(context, builder, args[0]).data
        number = context.cast(builder, args[2], value, array.dtype)
        builder.store(number, builder.gep(data, [args[1]]))
        return context.get_dummy_value()

    return types.void(array, types.int64, value), emit


@intrinsic
def every(_: Any, value: Any, width: Any) -> Any:
    """Return a vector that is `value` in every lane."""
    kind = Vector(types.float64, len(width))

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return _spread(builder, args[0], kind.width)

    return kind(types.float64, width), emit


# The bits of an x86 processor's control word by which numbers below 1e-38 are 0: their arithmetic is slow.
_TINY_IS_ZERO = 0x8040


def _control(builder: Any, name: str, place: Any) -> None:
    kind = ir.FunctionType(ir.VoidType(), [ir.IntType(8).as_pointer()])
    function = cgutils.get_or_insert_function(builder.module, kind, f"llvm.x86.sse.{name}")
    builder.call(function, [builder.bitcast(place, ir.IntType(8).as_pointer())])


@intrinsic
def tiny_is_zero(_: Any, array: Any) -> Any:
    """Take numbers too small for an array in single precision as 0; return what `restored` takes."""
    changes = array.dtype == types.float32 and binding.get_default_triple().startswith("x86_64")

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        word = cgutils.alloca_once(builder, ir.IntType(32))
        if changes:
            _control(builder, "stmxcsr", word)
            before = builder.load(word)
            builder.store(builder.or_(before, ir.Constant(ir.IntType(32), _TINY_IS_ZERO)), word)
            _control(builder, "ldmxcsr", word)
            builder.store(before, word)
        return builder.load(word) if changes else ir.Constant(ir.IntType(32), 0)

    return types.int32(array), emit


@intrinsic
def restored(_: Any, array: Any, before: Any) -> Any:
    """Take small numbers as before."""
    changes = array.dtype == types.float32 and binding.get_default_triple().startswith("x86_64")

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        if changes:
            word = cgutils.alloca_once(builder, ir.IntType(32))
            builder.store(args[1], word)
            _control(builder, "ldmxcsr", word)
        return context.get_dummy_value()

    return types.void(array, before), emit


@intrinsic
def call_at(_: Any, address: Any, array: Any, first: Any, second: Any, third: Any) -> Any:
    """Call the machine code at an address with three places in an array."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        data = context.make_array(sig.args[1])(context, builder, args[1]).data
        kind = ir.FunctionType(ir.VoidType(), [data.type] * 3)
        function = builder.inttoptr(args[0], kind.as_pointer())
        builder.call(function, [builder.gep(data, [place]) for place in args[2:]])
        return context.get_dummy_value()

    return types.void(types.int64, array, types.int64, types.int64, types.int64), emit
