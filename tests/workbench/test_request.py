"""The docstring of a function that a request makes."""

from inspect import cleandoc, getdoc

import pytest

from eaesim.workbench.request import StudyRequest, asks

SHORT = """Return the seed.

    Parameters
    ----------
    study
        A study.
    """
LONG = f"""{SHORT.rstrip()}

    Raises
    ------
    ProtocolError
        Never.
    """


@pytest.mark.parametrize("text", [SHORT, LONG, cleandoc(SHORT), cleandoc(LONG)], ids=lambda text: len(text))
def test_every_setting_is_described_after_the_parameters(text: str) -> None:
    def seeds(study: str, request: StudyRequest) -> int:
        return request.seed

    seeds.__doc__ = text
    found = getdoc(asks(StudyRequest, of=str)(seeds)) or ""
    before, _, after = found.partition("\n\nRaises\n")
    assert before.startswith("Return the seed.\n\nParameters\n----------\nstudy\n    A study.\n")
    for name, setting in StudyRequest.settings().items():
        assert f"\n{name}\n    {setting.help}" in before
    assert bool(after) == ("Raises" in text)
