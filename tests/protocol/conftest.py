"""Generated doses, regimens and designs, for every test of this room."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import strategies as st

from eaesim.protocol import Arm, Bolus, Immunisation, Infusion, Regimen, Relapse, StudyFile, Transfer
from eaesim.protocol.design import Design

_UNTIL = 40
_NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12).filter(
    lambda name: name.strip() and name.isprintable()
)
_MECHANISMS = st.sampled_from(["H1a", "H2+H1b", "none", "H7"])
_AMOUNTS = st.one_of(
    st.sampled_from(["1 g/kg", "400 mg/kg", "0 g/kg", "2.5 g/kg"]),
    st.floats(0.01, 5000).map(lambda amount: f"{amount!r} mg/kg"),
)
_LENGTHS = st.one_of(st.sampled_from(["4 h", "30 min", "1 day", "36 h"]), st.floats(0.01, 2))
_SPACING = st.one_of(st.sampled_from(["8 h", "1 day", "7 day"]), st.floats(0.01, 7))


@st.composite
def _doses(draw: st.DrawFn, drugs: tuple[str, ...] = ("ivig", "late_acting")) -> Bolus | Infusion:
    repeats = {"every": draw(_SPACING), "doses": draw(st.integers(1, 6))} if draw(st.booleans()) else {}
    drug = draw(st.sampled_from(drugs))
    if draw(st.booleans()):
        return Infusion(draw(_AMOUNTS), over=draw(_LENGTHS), drug=drug, **repeats)
    return Bolus(draw(_AMOUNTS), drug=drug, route=draw(st.sampled_from(["iv", "ip", "sc"])), **repeats)


@st.composite
def _regimens(draw: st.DrawFn) -> Regimen:
    dose, after = draw(_doses()), draw(st.integers(0, 9))
    latest = _UNTIL - ((dose.doses - 1) * (dose.every or 0.0))
    if draw(st.booleans()):
        return dose.at(day=draw(st.one_of(st.integers(-7, int(latest) - 1), st.floats(-7, latest - 0.001))))
    threshold = draw(st.sampled_from(["1", "0.5", "2.25"]))
    if draw(st.booleans()):
        return dose.at(onset=f"score >= {threshold}", after=after)
    return dose.at(relapse=f"score rise >= {threshold}", after=after)


@st.composite
def _inductions(draw: st.DrawFn) -> tuple[Immunisation | Transfer | Relapse, ...]:
    first = draw(
        st.one_of(
            st.builds(Immunisation, adjuvant=st.sampled_from(["complete", "incomplete", "none"])),
            st.builds(Transfer, cells=st.one_of(st.none(), st.floats(0, 1e9), st.just("1e5 cell"))),
            st.builds(Transfer, amount=st.floats(0, 3)),
        )
    )
    later = st.builds(Relapse, st.floats(0, _UNTIL), amount=st.floats(0, 3))
    return draw(st.one_of(st.just(()), st.lists(later, max_size=2).map(lambda relapses: (first, *relapses))))


@st.composite
def _study_files(draw: st.DrawFn) -> StudyFile:
    arms = [
        Arm(
            name,
            *draw(st.lists(_regimens(), max_size=3)),
            mechanism=draw(st.one_of(st.none(), _MECHANISMS)),
            inductions=draw(st.one_of(st.none(), _inductions())),
            parameters=draw(st.sampled_from([None, {"divisions": 9}, {"transferred_cells": "2e5 cell"}])),
        )
        for name in draw(st.lists(_NAMES, min_size=1, max_size=3, unique=True))
    ]
    if draw(st.booleans()):
        cells = Transfer(
            amount=draw(st.floats(0, 3)), donor=arms[0].name, harvest=draw(st.integers(0, _UNTIL))
        )
        arms.append(Arm("recipient of cells", inductions=[cells]))
    design = Design(
        _UNTIL,
        draw(_inductions()),
        arms,
        mechanism=draw(_MECHANISMS),
        control=draw(st.one_of(st.none(), st.sampled_from([arm.name for arm in arms]))),
        endpoints=draw(st.sampled_from([(), ("peak_score[:15]", "mean_score[3:20]")])),
    )
    sweep = {"mechanism": ["H1a", "H7"], "parameter.x": {"low": 0.3, "high": 3, "scale": "log"}}
    return StudyFile(
        rat=draw(_NAMES),
        design=design,
        animals=draw(st.integers(1, 1000)),
        seed=draw(st.integers(0, 2**63 - 1)),
        questions=draw(
            st.sampled_from([{}, {"sweep": {"until": [20, 30]}}, {"sweep": {"samples": 64} | sweep}])
        ),
    )


_GENERATED = SimpleNamespace(
    doses=_doses(), regimens=_regimens(), inductions=_inductions(), study_files=_study_files()
)


@pytest.fixture(scope="session")
def generated() -> SimpleNamespace:
    """Strategies by name, to be drawn from with ``st.data()``."""
    return _GENERATED
