"""Instructions of LLVM on a number in every lane."""

from __future__ import annotations

from typing import Any

from llvmlite import ir

DOUBLE, SINGLE = ir.DoubleType(), ir.FloatType()
# By number type: type of its bits, the bits of 1, and the bits from which those of a number are subtracted to
# invert it roughly (Lomont 2003 has the constants of the related root).
BITS = {
    DOUBLE: (ir.IntType(64), 0x3FF0000000000000, 0x7FDE6238502484BA),
    SINGLE: (ir.IntType(32), 0x3F800000, 0x7EF311C3),
}


def constant(kind: Any, value: float) -> Any:
    """Return the LLVM constant of a vector type that is `value` in every lane."""
    return ir.Constant(kind, [float(value)] * kind.count)


def library(name: str) -> Any:
    """Return one of LLVM's intrinsic functions on vectors."""

    def call(builder: Any, *args: Any) -> Any:
        kind = args[0].type
        full = f"llvm.{name}.v{kind.count}f{64 if kind.element == DOUBLE else 32}"
        known = builder.module.globals.get(full)
        function = known or ir.Function(
            builder.module, ir.FunctionType(kind, [arg.type for arg in args]), full
        )
        return builder.call(function, args)

    return call


def rough_inverse(builder: Any, value: Any) -> Any:
    """Return 1 / value of positive lanes to within two hundredths, without a division."""
    word, _, bits_of_inverse = BITS[value.type.element]
    words = ir.VectorType(word, value.type.count)
    # The bits of a float approximate its logarithm; one Newton step refines the result.
    magic = ir.Constant(words, [bits_of_inverse] * value.type.count)
    guess = builder.bitcast(builder.sub(magic, builder.bitcast(value, words)), value.type)
    rest = library("fma")(builder, builder.fneg(value), guess, constant(value.type, 2.0))
    return builder.fmul(guess, rest)
