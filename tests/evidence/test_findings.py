from __future__ import annotations

import re
from pathlib import Path

import pytest

from eaesim.errors import FileError, UnknownNameError
from eaesim.evidence import findings
from eaesim.evidence.findings import finding, load_findings, read_findings
from eaesim.evidence.record import VOCABULARY
from eaesim.model.bibliography import source
from eaesim.model.mechanism import MECHANISMS
from eaesim.units import conversion, number

FINDINGS = load_findings()

# The second copy of every number, typed from the evidence page: a slip in the data files shows here.
# id: (unit, {attribute: number})
NUMBERS = {
    "A1": ("score", {"treated": 0.6, "treated_error": 0.3, "control": 2.3, "control_error": 0.4}),
    "B1.onset_day": ("day", {"value": 13, "error": 0.1}),
    "B1.incidence": ("dimensionless", {"value": 0.53, "animals": 85}),
    "B1.onset_day_other_laboratory": ("day", {"low": 8, "high": 10}),
    "B2.onset_day": ("day", {"value": 6, "error": 0.1}),
    "B2.incidence": ("dimensionless", {"value": 1.0, "animals": 45}),
    "B3.peak_score": ("score", {"value": 2.60, "error": 0.18, "animals": 15}),
    "B3.duration": ("day", {"value": 4.40, "error": 0.25, "animals": 15}),
    "B3.incidence": ("dimensionless", {"value": 1.0, "animals": 15}),
    "B3.peak_score_second_control": ("score", {"value": 2.29, "error": 0.52, "animals": 7}),
    "B3.duration_second_control": ("day", {"value": 4.57, "error": 0.30, "animals": 7}),
    "B3.incidence_second_control": ("dimensionless", {"value": 1.0, "animals": 7}),
    "B4.incidence": ("dimensionless", {"value": 0.962, "animals": 160}),
    "B4.severe": ("dimensionless", {"value": 0.739, "animals": 160}),
    "B4.mortality": ("dimensionless", {"value": 0.088, "animals": 160}),
    "B4.onset_day": ("day", {"low": 10, "high": 11}),
    "B4.peak_day": ("day", {"low": 12, "high": 13}),
    "B5.onset_day": ("day", {"value": 8}),
    "B5.peak_day": ("day", {"value": 11}),
    "B5.peak_day_vendor": ("day", {"value": 13}),
    "B5.remission_day": ("day", {"value": 16}),
    "B5.relapse_day": ("day", {"low": 18}),
    "B5.second_peak_day": ("day", {"low": 21, "high": 22}),
    "B7.single_mild": ("dimensionless", {"value": 3 / 21, "animals": 21}),
    "B7.mild_relapsing": ("dimensionless", {"value": 4 / 21, "animals": 21}),
    "B7.severe_relapsing": ("dimensionless", {"value": 14 / 21, "animals": 21}),
    "B8.interval": ("week", {"value": 1}),
    "B10.infiltrate_day": ("day", {"value": 3}),
    "B10.perivascular_day": ("day", {"value": 4}),
    "B10.severe_day": ("day", {"value": 5}),
    "B10.improvement_day": ("day", {"value": 6}),
    "B10.recovery_day": ("day", {"value": 8}),
    "B11.lymphocytes": ("cell", {"value": 8_000_000, "error": 2_000_000}),
    "B11.helper": ("dimensionless", {"value": 0.711, "error": 0.086}),
    "B11.ox8": ("dimensionless", {"value": 0.148, "error": 0.062}),
    "B11.tetanus_cord": ("dimensionless", {"value": 0.00076, "error": 0.00041}),
    "B11.tetanus_node": ("dimensionless", {"value": 0.000269, "error": 0.00025}),
    "B11.reactive_cord": ("dimensionless", {"value": 0.000336, "error": 0.00024}),
    "B11.reactive_node": ("dimensionless", {"value": 0.000224, "error": 0.00017}),
    "B12.score_1": ("cell/g", {"high": 1_000_000}),
    "B12.score_4": ("cell/g", {"low": 15_000_000}),
    "B12.remission": ("cell/g", {"low": 10_000_000}),
    "B12.peak": ("day", {"value": 2}),
    "B12.macrophages": ("dimensionless", {"value": 0.5}),
    "B13": ("day", {"value": -1}),
    "B14.recovery": ("day", {"low": 4}),
    "B14.apoptosis": ("dimensionless", {"high": 0.49}),
    "B15": ("dimensionless", {"low": 0, "high": 0}),
    "B17.onset_day": ("day", {"low": 0.7, "high": 1.5}),
    "B17.peak_score": ("score", {"low": 0.7, "high": 1.3}),
    "C1.half_life": ("day", {"low": 5.33, "high": 8.10}),
    "C1.volume": ("dimensionless", {"value": 4}),
    "C1.equilibrium": ("hour", {"low": 36, "high": 50}),
    "C2.pooled": ("mL/kg", {"low": 39, "high": 50}),
    "C2.weight": ("mL/kg", {"value": 11.2}),
    "C2.model": ("mL/kg", {"value": 32.4}),
    "C3.alone": ("mL/h/kg", {"value": 0.99, "error": 0.14}),
    "C3.blocker_3": ("mL/h/kg", {"value": 1.27, "error": 0.05}),
    "C3.blocker_15": ("mL/h/kg", {"value": 1.73, "error": 0.50}),
    "C3.blocker_60": ("mL/h/kg", {"value": 1.97, "error": 0.49}),
    "C4.fold": ("dimensionless", {"low": 2}),
    "C5": ("dimensionless", {"low": 0.0011, "high": 0.0027}),
    "C5.cerebrospinal": ("dimensionless", {"low": 0.0007, "high": 0.0015}),
    "C6.low": ("g/L", {"low": 8, "high": 10}),
    "C6.middle": ("g/L", {"low": 20, "high": 26}),
    "C6.high": ("g/L", {"low": 40, "high": 51}),
    "C7.inhibition": ("dimensionless", {"low": 0.8}),
    "C7.candida": ("dimensionless", {"low": 0.5, "high": 0.8}),
    "C7.lowest_significant": ("mg/mL", {"value": 3}),
    "P1.own": ("g/L", {"value": 10.7, "animals": 4}),
    "P1.end": ("g/L", {"value": 14.7 - 10.7, "animals": 4}),
    "P1.day_29": ("g/L", {"value": 1.5, "animals": 4}),
    "P2.own": ("g/L", {"value": 12.4, "animals": 6}),
    "P2.end": ("g/L", {"value": 8.8, "animals": 6}),
    "P2.day_29": ("g/L", {"value": 2.8, "animals": 6}),
    "P3.half_life": ("day", {"value": 22.4, "animals": 12}),
    "P3.clearance": ("mL/kg/day", {"value": round(176 / 70, 2), "animals": 12}),
    "P3.volume": ("mL/kg", {"value": round(5400 / 70, 1), "animals": 12}),
    "P4": ("g/L", {"value": 7.8, "error": 5.6, "animals": 174}),
    "P5.mild": ("dimensionless", {"value": 0.74, "animals": 177}),
    "P5.ventilated": ("dimensionless", {"value": 0.33, "animals": 177}),
    "P7.clearance": ("mL/kg/day", {"value": round(435 / 82, 1), "animals": 235}),
    "P7.volume_plasma": ("mL/kg", {"value": round(4690 / 82, 1), "animals": 235}),
    "P7.exchange": ("mL/kg/day", {"value": round(500 / 82, 1), "animals": 235}),
    "P7.volume_tissue": ("mL/kg", {"value": round(1870 / 82, 1), "animals": 235}),
    "P7.own": ("g/L", {"value": 12.5, "animals": 235}),
    "P8.clearance": ("mL/kg/day", {"value": round(152 / 72, 2), "animals": 187}),
    "P8.volume_plasma": ("mL/kg", {"value": round(3080 / 72, 1), "animals": 187}),
    "P8.exchange": ("mL/kg/day", {"value": round(825 / 72, 1), "animals": 187}),
    "P8.volume_tissue": ("mL/kg", {"value": round(1800 / 72, 1), "animals": 187}),
    "P9.clearance": ("mL/kg/day", {"value": round(138 / 66, 2), "animals": 173}),
    "P9.volume_plasma": ("mL/kg", {"value": round(3950 / 66, 1), "animals": 173}),
    "P9.exchange": ("mL/kg/day", {"value": round(260 / 66, 2), "animals": 173}),
    "P9.volume_tissue": ("mL/kg", {"value": round(4440 / 66, 1), "animals": 173}),
    "P10.elimination": ("1/day", {"value": 0.05832, "animals": 44}),
    "P10.volume": ("L", {"value": 6.48, "animals": 44}),
    "P10.own": ("g/L", {"value": 20.2, "animals": 44}),
    "P11.clearance": ("mL/kg/day", {"value": round(200 / 70, 2)}),
    "P11.volume_plasma": ("mL/kg", {"value": round(3610 / 70, 1)}),
    "P11.volume_tissue": ("mL/kg", {"value": round(2750 / 70, 1)}),
    "P11.exchange": ("mL/kg/day", {"value": round(747 / 70, 1)}),
    "P12.baseline_off": ("day", {"value": 8.9, "error": 7.3}),
    "P12.baseline_on": ("day", {"value": 55.0, "error": 30.3}),
    "P13.single": ("dimensionless", {"high": 0.5, "animals": 62}),
    "P13.repeated": ("dimensionless", {"value": 0.75, "animals": 62}),
    "P14": ("dimensionless", {"value": 2.42}),
    "P15": ("g/L", {"value": 9.41, "animals": 44}),
    "D5.for.complexes": ("dimensionless", {"value": 0.37, "error": 0.14, "animals": 6}),
    "D5.against.high_dose": ("dimensionless", {"value": 0.66, "error": 0.19}),
    "E3.peak_day": ("day", {"value": 11}),
    "E3.remission_day": ("day", {"value": 16}),
    "E3.relapse_day": ("day", {"value": 18}),
    "E4.onset_day": ("day", {"value": 8}),
    "E4.peak_day": ("day", {"value": 13}),
    "E4.relapse_day": ("day", {"value": 18}),
    "E4.second_peak_day": ("day", {"low": 21, "high": 22}),
    "E5": ("dimensionless", {"value": 18 / 21, "animals": 21}),
    "E6": ("dimensionless", {"low": 0.50, "high": 0.88}),
    "E7": ("score", {"treated": 7.43, "control": 54.11}),
    "E7b": ("score", {"treated": 26.25, "control": 54.11}),
    "E8": ("dimensionless", {"value": 0.088, "animals": 160}),
    "E9.first": ("week", {"value": 4, "animals": 21}),
    "E9.last": ("week", {"low": 12, "animals": 21}),
    "E9.role": ("", {"animals": 21}),
    "E10": ("score", {"treated": 1.1, "treated_error": 0.2, "control": 1.8, "control_error": 0.2}),
    "E30.infiltrate": ("cell", {"low": 5e4, "high": 620e4}),
    "E30.peak": ("day", {"value": 2}),
    "E30.t_cells": ("dimensionless", {"value": 0.703}),
    "E30.cd4": ("dimensionless", {"value": 0.583}),
    "E30.cd8": ("dimensionless", {"value": 0.403}),
    "E33.rise": ("day", {"value": -1}),
    "E33.maximum": ("day", {"value": -2}),
}

# id: strain, induction, dose, when, day, direction, use
TREATMENTS = {
    "A1": ("da", "immunisation", "1 g/kg", "day 0", 0, "lower", "calibrate"),
    "A2": ("da", "immunisation", "1 g/kg", "day 0", 0, "lower", "shown"),
    "A3.peak_score": ("da", "immunisation", "1 g/kg", "therapeutic", None, "none", "validate"),
    "A3.cumulative_score": ("da", "immunisation", "1 g/kg", "therapeutic", None, "none", "validate"),
    "A3.cns_inflammation_peak": ("da", "immunisation", "1 g/kg", "therapeutic", None, "none", "validate"),
    "A3.demyelination_end": ("da", "immunisation", "1 g/kg", "therapeutic", None, "none", "validate"),
    "A4": ("lewis", "immunisation", "", "day 0", 0, "lower", "calibrate"),
    "A5": ("lewis", "immunisation", "", "from day", 7, "none", "validate"),
    "A6": ("lewis", "transfer", "", "recipient", None, "none", "validate"),
    "A7": ("rat", "immunisation", "0.4 g/kg", "not stated", None, "lower", "validate"),
    "A8.clinical_score": ("lewis", "immunisation", "", "day 0", 0, "lower", "validate"),
    "A8.t_cell_response": ("lewis", "immunisation", "", "day 0", 0, "lower", "validate"),
    "A9": ("da", "", "", "during disease", None, "", "shown"),
    "FTY720": ("da", "immunisation", "", "from day", 25, "lower", "shown"),
}

# The keys of each row, typed from the evidence page; those of table D by their side.
KEYS = {
    "A1": "Jorgensen2005", "A2": "Jorgensen2005", "A3": "Jorgensen2005", "A4": "Achiron2000",
    "A5": "Achiron2000", "A6": "Achiron2000", "A7": "Achiron1994", "A8": "Pashov1998", "A9": "Jorgensen2007",
    "FTY720": "Balatoni2007", "B1": "Desai1989 Redoxis Neurofit", "B2": "Desai1989", "B3": "Verburg1996",
    "B4": "Sulkowski2013", "B5": "Borjini2016 Neurofit", "B6": "Lorentzen1995", "B7": "Ichikawa1996",
    "B8": "McFarlin1974", "B10": "Matsumoto1987", "B11": "Cohen1987",
    "B12": "Lyman1989 AnonCordCells1994 Huitinga1990 Huitinga1995", "B13": "Juhler1984",
    "B14": "Pender1989 Schmied1993", "B15": "Levine1980", "B16": "StosicGrujicic2004", "B17": "",
    "C1": "BazinRedureau1997", "C2": "AnonBloodVolume AnonBodyFluids ShahBetts2012", "C3": "Getman2005",
    "C4": "HansenBalthasar2002", "C5": "Chang2018 Wang2018", "C6": "", "C7": "Issekutz2015 Amran1994",
    "P1": "Thurmann1995", "P2": "Thurmann1995", "P3": "Thurmann1995", "P4": "Kuitwaard2009",
    "P5": "Fokkink2022", "P6": "Fokkink2022", "P7": "Tortorici2021", "P8": "Tortorici2019", "P9": "Zhang2020",
    "P10": "Li2024", "P11": "Davda2014", "P12": "JhiBaseline2026", "P13": "Ulrichts2018", "P14": "Kim2007",
    "P15": "Li2024", "D1 for": "Achiron2000 Pashov1998 Quast2016", "D1 against": "Achiron1994",
    "D2 for": "Quast2016", "D2 against": "Achiron1994 Pashov1998", "D3 for": "Ephrem2008 Trinath2013",
    "D3 against": "Quast2016 Achiron2000", "D4 for": "Schwab2014",
    "D4 against": "Othy2013 Quast2016 Achiron2000", "D5 for": "Lutz2004",
    "D5 against": "Lutz2004 Jorgensen2005", "D6 for": "Getman2005 HansenBalthasar2002",
    "D6 against": "BenNun1981 Jorgensen2005", "D7 for": "Achiron1994 Pashov1998",
    "D7 against": "Selmaj1995 Achiron2000", "E1": "Levine1980", "E1b": "Levine1980", "E2": "AnonCreaeLewis",
    "E3": "Borjini2016", "E4": "Neurofit", "E5": "Ichikawa1996", "E5b": "Borjini2016", "E6": "AnonCreaeLewis",
    "E6b": "AnonCreaeLewis", "E6c": "AnonCreaeLewis AnonPopliteal1991", "E7": "Popovic2002",
    "E7b": "Popovic2002", "E8": "Sulkowski2013", "E9": "Ichikawa1996", "E10": "Jorgensen2005",
    "E11": "Achiron1994", "E12": "Pashov1998", "E13": "Pashov1998", "E13b": "Pashov1997", "E14": "Kawai1996",
    "E15": "Kawai1996", "E16": "Kawai1996", "E17": "Kawai1996", "E18": "Kawai1996", "E19": "Willenborg1993",
    "E20": "Willenborg1993", "E21": "Huitinga1990", "E22": "Huitinga1995", "E23": "Huitinga1995",
    "E24": "AnonCam1997", "E25": "AnonCam1997", "E26": "Imrich2001", "E27": "Balatoni2007 Kataoka2005",
    "E28": "Balatoni2007", "E29": "Foster2009 Kataoka2005", "E30": "AnonCordCells1994", "E31": "Lyman1989",
    "E32": "Daniel1981", "E33": "Koh1993", "E34": "Koh1993 Hickey1984",
}  # fmt: skip

# Which rows of table E calibrate; all others validate. Which repeat a row of A or B.
E_CALIBRATE = {"E1", "E1b", "E2", "E3", "E4", "E5", "E5b", "E6", "E6b", "E8", "E9"}
E_REPEATS = {"E1": "B15", "E1b": "B15", "E3": "B5", "E4": "B5", "E5": "B7", "E8": "B4", "E30": "B12"}

# Rows of people that estimate the kinetics, and those that only try them; all others are shown.
P_USE = dict.fromkeys(("P1", "P2", "P3", "P4", "P7", "P14"), "calibrate") | {
    "P5": "validate",
    "P6": "validate",
}

# What the page corrects against its first version: id, field, value or words that must stand there.
CORRECTED = (
    ("B15", "strain", "rat"),
    ("B15", "adjuvant", "any"),
    ("B15", "setting", "with or without adjuvants"),
    ("B15", "note", "did not depend on antigen, adjuvant, severity of either attack or interval"),
    ("B15", "note", "moderately intense immunisation"),
    ("B15", "note", "In conflict with B16"),
    ("B16.again", "note", "In conflict with B15"),
    ("B5.remission_day", "strain", "da"),
    ("B5.remission_day", "setting", "females"),
    ("B5.remission_day", "note", "mean ± SD"),
    ("B5.peak_day_vendor", "strain", "rat"),
    ("B14.recovery", "endpoint", "hind_limb_weakness_to_recovery"),
    ("B3.peak_score_second_control", "note", "Second control group of the same laboratory"),
    ("B12.macrophages", "note", "introductory sentence"),
    ("B12.macrophages", "note", "half of the perivascular mononuclear cells"),
    ("C2.pooled", "setting", "rat, hamster, guinea pig and rabbit together"),
    ("C7.lowest_significant", "note", "It is not a threshold"),
    ("C7.lowest_significant", "note", "from 1 mg/mL on"),
    ("D5.against.high_dose", "result", "no further fall"),
    ("D5.against.high_dose", "result", "up to 40 % of C4"),
    ("D7.against.transfer", "strain", "mouse"),
    ("D3.for.needed", "strain", "mouse"),
    ("D3.against.not_raised", "strain", "mouse"),
    ("D4.for.models", "strain", "mouse"),
    ("D4.against.mouse", "strain", "mouse"),
)

# How strong an effect was, where the row says it in words.
_SAYING = {
    "none": (
        "A3.peak_score A3.cumulative_score A3.cns_inflammation_peak A3.demyelination_end A5 A6 "
        "C3.blocker_early E16 E18.histology E20.signs E23.progressive E25"
    ),
    "suppressed": "A4 E21.signs E22.signs E23.relapse E28",
    "lower": (
        "A7 A8.clinical_score FTY720 E13b E17 E19.peak_score E21.macrophages E26.macrophages E29.leak "
        "E29.demyelination E29.progression"
    ),
    "no signs": "B15 E1 E1b E6b E13 E29.function",
    "resistant": "E2 E11 E12",
    "almost complete": "E14 E15 E27.lewis",
    "abolished": "E18.signs E24.signs E24.inflammation",
    "a proportion": "E19.incidence",
    "earlier": "E20.onset_day E33.normal",
    "present": "E22.t_cells E26.influx",
    "no severe signs": "E26.severe",
    "prevented": "E27.da",
    "recovered": "E31.first E31.last E34.remission E34.months",
}
WORDS = {one: words for words, ids in _SAYING.items() for one in ids.split()}

NUMBER_FIELDS = (
    "value", "error", "treated", "treated_error", "control", "control_error", "animals", "low", "high"
)  # fmt: skip


def test_every_row_of_the_page_is_there_with_its_keys_and_no_other():
    read: dict[str, set[str]] = {}
    for one in FINDINGS:
        row = f"{one.row} {one.stance}" if one.stance else one.row
        read.setdefault(row, set()).update(one.key)
    assert read == {row: set(keys.split()) for row, keys in KEYS.items()}


def test_a_row_without_a_key_is_derived_from_rows_that_have_one():
    known = {name: one for one in FINDINGS for name in (one.id, one.row)}
    derived = [one for one in FINDINGS if not one.key]
    assert {one.row for one in derived} == {"B17", "C6"}
    for one in derived:
        assert one.refers, one.id
        assert all(known[row].key for row in one.refers), one.id
        assert one.source == f"derived from {', '.join(one.refers)}"


@pytest.mark.parametrize(("identity", "field", "words"), CORRECTED)
def test_what_the_page_corrects_is_corrected(identity, field, words):
    value = getattr(finding(identity), field)
    assert value == words if field in ("strain", "adjuvant", "endpoint") else words in value


def test_effects_in_words_have_their_word():
    assert {one.id: one.words for one in FINDINGS if one.words} == WORDS


def test_words_do_not_contradict_the_direction():
    for one in FINDINGS:
        if one.words and one.direction:
            assert (one.words == "none") == (one.direction == "none"), one.id


def test_nothing_of_the_first_version_is_left():
    folder = Path(findings.__file__).parents[1]
    for path in (*folder.rglob("*.toml"), *folder.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        assert "not given on the evidence page" not in text, path.name
        assert not re.search(r"\bB9\b", text), path.name


def test_every_printed_citation_says_what_is_not_verified():
    for one in FINDINGS:
        for key in one.key:
            cited = source(key)
            assert cited.text in one.source
            assert ("[not verified]" in cited.text) == (not cited.verified)
            assert all(field in cited.text.rpartition("[from memory: ")[2] for field in cited.from_memory)


def test_every_row_has_study_source_and_use():
    for one in FINDINGS:
        assert one.study, one.id
        assert one.source, one.id
        assert one.use in VOCABULARY["use"], one.id
        assert one.text, one.id


def test_numbers_equal_the_evidence_page():
    read = {
        one.id: (one.unit, given)
        for one in FINDINGS
        if (given := {name: getattr(one, name) for name in NUMBER_FIELDS if getattr(one, name) is not None})
    }
    assert read == NUMBERS


def test_treatments_equal_the_evidence_page():
    read = {
        one.id: (one.strain, one.induction, one.dose, one.when, one.day, one.direction, one.use)
        for one in FINDINGS
        if one.row.startswith(("A", "FTY"))
    }
    assert read == TREATMENTS


def test_use_is_the_pages():
    for one in FINDINGS:
        if one.row[0] == "P":
            assert one.use == P_USE.get(one.row, "shown"), one.id
        if one.row[0] in "BC":
            assert one.use == "calibrate", one.id
        if one.row[0] == "D":
            assert one.use == "shown", one.id
        if one.row[0] == "E":
            assert one.use == ("calibrate" if one.row in E_CALIBRATE else "validate"), one.id


def test_rows_that_repeat_others_name_them():
    """One study counts once."""
    for one in FINDINGS:
        if one.row in E_REPEATS and one.id not in ("E30.infiltrate", "E30.t_cells", "E30.cd4", "E30.cd8"):
            assert {other.partition(".")[0] for other in one.refers} == {E_REPEATS[one.row]}, one.id
            for other in one.refers:
                assert set(one.key) <= set(finding(other).key), one.id


def test_the_ratios_of_rows_with_scores_are_the_pages():
    assert finding("E10").ratio == pytest.approx(0.61, abs=0.005)
    assert finding("A1").ratio == pytest.approx(0.26, abs=0.005)


def test_no_finding_doses_ivig_around_an_induced_relapse():
    """The result there is the package's prediction and must stay labelled so until a row says otherwise."""
    assert [one.id for one in FINDINGS if one.induction == "relapse" and one.drug == "ivig"] == []
    assert {one.id for one in FINDINGS if one.induction == "relapse"} == {
        "B15",
        "B16.again",
        "E1",
        "E1b",
        "E2",
    }


def test_what_the_page_does_not_know_is_said():
    for one in FINDINGS:
        if one.error_kind == "not stated":
            assert "SEM or SD not stated" in one.note, one.id
    assert "mean or peak not stated" in finding("A1").note


def test_units_and_doses_are_known_ones():
    for one in FINDINGS:
        if one.unit not in ("", "score"):
            assert conversion(one.unit, one.unit) == 1, one.id
        if one.dose:
            assert number(one.dose, "g/kg", what=one.id) > 0


def test_mechanisms_are_the_models_and_each_has_both_sides():
    for name in MECHANISMS:
        assert {one.stance for one in FINDINGS if name in one.mechanism} == {"for", "against"}, name
    assert {name for one in FINDINGS for name in one.mechanism} == set(MECHANISMS)


def test_rows_stand_for_themselves_beside_endpoints():
    assert finding("A1").fits("peak_score")
    assert finding("A1").fits("mean_score")
    assert not finding("A1").fits("incidence")
    assert finding("B3.peak_score").fits("peak_score")
    assert not finding("B3.peak_score").fits("mean_score")


def test_other_strain():
    assert finding("A1").other_strain("lewis")
    assert not finding("A1").other_strain("da")
    assert not finding("A7").other_strain("da")  # not stated, so not known to be another
    assert finding("D3.for.needed").other_strain("lewis")


@pytest.mark.parametrize(
    ("identity", "text"),
    [
        ("B1.onset_day", "day 13 ± 0.1"),
        ("B1.onset_day_other_laboratory", "days 8 to 10"),
        ("B5.peak_day", "day 11"),
        ("B5.second_peak_day", "days 21 to 22"),
        ("B5.relapse_day", "from day 18 on"),
        ("B3.duration", "4.4 ± 0.25 days"),
        ("B8.interval", "1 week"),
        ("B17.onset_day", "0.7 to 1.5 days"),
        ("B17.peak_score", "0.7 to 1.3 score"),
        ("B11.lymphocytes", "8e+06 ± 2e+06 cells"),
        ("C1.equilibrium", "36 to 50 hours"),
        ("A1", "0.6 ± 0.3 against 2.3 ± 0.4 score"),
        ("B13", "-1 day, small tracers leak from one day before signs, ahead of infiltrates"),
        (
            "B15",
            "0, no clinical signs on a second attack 3-24 weeks later, by immunisation or transfer, "
            "though lesions form",
        ),
        ("B7.severe_relapsing", "66.7 % of 21"),
        ("B12.score_1", "at most 1e+06 cell/g"),
        ("C4.fold", "at least 2"),
        ("C2.pooled", "39 to 50 mL/kg"),
        ("A5", "not suppressed"),
        ("C7.lowest_significant", "3 mg/mL, still significant"),
    ],
)
def test_text(identity, text):
    assert finding(identity).text == text


def test_unknown_finding_names_the_closest():
    with pytest.raises(UnknownNameError, match=re.escape('did you mean "A3.peak_score"?')):
        finding("A3.peak_scores")


def test_loading_twice_reads_once():
    assert load_findings() is load_findings()


GOOD = {
    "id": '"X1"',
    "key": '["Pashov1998"]',
    "use": '"shown"',
    "endpoint": '"peak_score"',
    "measure": '"mean"',
    "value": "2.5",
    "unit": '"score"',
}


def write(folder: Path, *rows: dict[str, str | None], name: str = "extra.toml") -> None:
    text = ""
    for row in rows:
        merged = {**GOOD, **row}
        text += "[[finding]]\n" + "".join(f"{key} = {value}\n" for key, value in merged.items() if value)
    (folder / name).write_text(text, encoding="utf-8")


def test_good_row_reads(tmp_path):
    write(tmp_path, {}, {"id": '"X2"', "refers": '["X1"]'})
    first, second = read_findings(str(tmp_path))
    assert (first.id, first.value, first.unit) == ("X1", 2.5, "score")
    assert second.refers == ("X1",)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"strian": '"da"'}, '"strian" is not a key; did you mean "strain"?'),
        ({"use": '"calibrating"'}, 'did you mean "calibrate"?'),
        ({"strain": '"lewi"'}, 'did you mean "lewis"?'),
        ({"key": None}, "no key of the bibliography and names no rows"),
        ({"key": "[]"}, "no key of the bibliography and names no rows"),
        ({"key": '["Pashov1989"]'}, 'is not a bibliography key; did you mean "Pashov1998"?'),
        ({"key": '"Pashov1998"'}, "key is 'Pashov1998'; it must be a list of texts"),
        ({"study": '"Nobody 2000"'}, '"study" is not a key'),
        ({"words": '"abolish"'}, 'did you mean "abolished"?'),
        ({"use": None}, "use is missing"),
        ({"endpoint": '""'}, "endpoint is missing"),
        ({"unit": None}, "unit is missing"),
        ({"value": None}, 'does not hold what the measure "mean" needs'),
        ({"value": '"2.5"'}, "value is '2.5'; it must be a finite number"),
        ({"value": "true"}, "value is True; it must be a finite number"),
        ({"value": "nan"}, "value is nan; it must be a finite number"),
        ({"setting": "2000"}, "setting is 2000; it must be text"),
        ({"animals": "0"}, "animals is 0; it must be a whole number above 0"),
        ({"refers": '"X1"'}, "refers is 'X1'; it must be a list of texts"),
        ({"refers": '["X9"]'}, '"X9" is not a finding'),
        ({"error": "0.2"}, "error_kind is missing"),
        ({"error": "-0.2", "error_kind": '"SEM"'}, "an error or a group of a ratio is negative"),
        ({"measure": '"fraction"'}, 'does not hold what the measure "fraction" needs'),
        ({"measure": '"direction"'}, 'does not hold what the measure "direction" needs'),
        ({"measure": '"ratio"', "value": None, "treated": "1"}, 'the measure "ratio" needs'),
        ({"measure": '"range"', "low": "3", "high": "2"}, 'the measure "range" needs'),
        ({"when": '"day 0"', "day": "7"}, "day does not fit when"),
        ({"when": '"from day"'}, "day does not fit when"),
        ({"when": '"therapeutic"', "day": "7"}, "day does not fit when"),
        ({"mechanism": '["H2"]'}, "mechanism and stance stand together"),
        ({"count": "3", "animals": "21"}, "stands in place of value"),
        ({"count": "3", "value": None}, "at most animals"),
        ({"count": "22", "animals": "21", "value": None}, "at most animals"),
    ],
)
def test_bad_row_names_file_and_row(tmp_path, change, message):
    write(tmp_path, change)
    with pytest.raises(FileError) as caught:
        read_findings(tmp_path)
    said = str(caught.value)
    assert said.startswith("extra.toml, finding X1: ")
    assert message in said
    assert "\n" not in said


def test_a_row_may_name_other_rows_in_place_of_a_key(tmp_path):
    write(tmp_path, {}, {"id": '"X2"', "key": None, "refers": '["X1"]'})
    second = read_findings(tmp_path)[1]
    assert (second.key, second.study, second.source) == ((), "derived from X1", "derived from X1")


def test_bibliography_and_thresholds_are_no_findings(tmp_path):
    write(tmp_path, {})
    for name in ("bibliography.toml", "thresholds.toml", "claims.toml"):
        (tmp_path / name).write_text("[anything]\nat = 1\n", encoding="utf-8")
    assert [one.id for one in read_findings(tmp_path)] == ["X1"]


def test_same_id_in_two_files_is_refused(tmp_path):
    write(tmp_path, {}, name="a.toml")
    write(tmp_path, {}, name="b.toml")
    with pytest.raises(FileError, match=re.escape("b.toml, finding X1: the id was used before, in a.toml")):
        read_findings(tmp_path)


def test_row_without_id_is_counted(tmp_path):
    write(tmp_path, {}, {"id": None})
    with pytest.raises(FileError, match=r"extra\.toml, finding number 2: id is missing"):
        read_findings(tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "holds no list of findings"),
        (b"finding = 3\n", "holds no list of findings"),
        (b"[[findings]]\n", 'did you mean "finding"?'),
        (b"[[finding]\n", "cannot be read"),
        (b"\xff\xfe\x00", "cannot be read"),
    ],
)
def test_broken_file(tmp_path, content, message):
    (tmp_path / "broken.toml").write_bytes(content)
    with pytest.raises(FileError, match=r"^broken\.toml") as caught:
        read_findings(tmp_path)
    assert message in str(caught.value)


def test_no_folder_and_directory_for_a_file(tmp_path):
    with pytest.raises(FileError, match=re.escape("holds no .toml file")):
        read_findings(tmp_path / "nowhere")
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(FileError, match=re.escape("folder.toml cannot be read")):
        read_findings(tmp_path)
