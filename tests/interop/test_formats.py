from __future__ import annotations

import pytest

import eaesim as ea
from eaesim.interop import FORMATS, antimony_text, sbml_text


def test_each_format_is_written_by_its_own_function() -> None:
    assert ea.export("da", mechanism="H2") == sbml_text("da", mechanism="H2")
    assert ea.export("da", to="antimony") == antimony_text("da")


def test_formats_have_suffixes_of_their_own() -> None:
    assert len({one.suffix for one in FORMATS.values()}) == len(FORMATS)


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(ea.EaesimError, match='did you mean "sbml"'):
        ea.export("lewis", to="smbl")
