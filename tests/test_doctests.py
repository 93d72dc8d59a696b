"""The example of every public name runs, in the package as it is installed."""

import doctest
import importlib
import pkgutil

import pytest

import eaesim

MODULES = ["eaesim", *(module.name for module in pkgutil.walk_packages(eaesim.__path__, "eaesim."))]


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_a_module_run(name: str) -> None:
    failed, _ = doctest.testmod(
        importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    )
    assert failed == 0


def test_examples_are_found() -> None:
    attempted = sum(
        len(test.examples) for test in doctest.DocTestFinder().find(importlib.import_module("eaesim.units"))
    )
    assert attempted > 0
