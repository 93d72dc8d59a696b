"""What is cited, and how: what nobody could verify is said wherever a citation is printed."""

import re

import pytest

from eaesim.errors import EaesimError, FileError, UnknownNameError
from eaesim.evidence import load_findings
from eaesim.files import parse_toml
from eaesim.model import Parameters, load, rat_names
from eaesim.model.bibliography import READ, bibliography, cite, read_bibliography, source
from eaesim.model.drug import read_drug
from eaesim.model.iggkinetics import igg_kinetics, igg_kinetics_names
from eaesim.model.parameter_file import SUPPORT, check_base, literature
from eaesim.model.pharmacy import drug_names, load_drug
from eaesim.protocol.trialfile import read_trial, trial_names

# Kept although nothing of this version cites them: table E, the review behind the project, and what a note
# names.
# Of people: what only the evidence page uses so far.
WAITING = {"Sorensen2008", "VanderZeeuw2026"}
WAITING |= {
    "Barnes1997",
    "Edwards1998",
    "Fergusson2005",
    "Filippini2000",
    "Hirst2008",
    "Iuliano2008",
    "Milligan1987",
    "MpPkLinear",
    "MpPkMan",
    "SevereRelapse",
    "Sorensen2002",
    "Stellmann2012",
    "Stangel2000",
}

# Their pages give no author, or none was noted, and their keys are those of the evidence page.
NO_AUTHOR = {
    "AafpPoem2005",
    "AimsTimeCourse1997",
    "EsimsMri2005",
    "JhiBaseline2026",
    "MpPkLinear",
    "MpPkMan",
    "SevereRelapse",
}

# Table F, typed from the page: keys by parameter, for one rat where strains differ.
TABLE_F = {
    "igg_volume_plasma": "AnonBloodVolume AnonBodyFluids ShahBetts2012",
    "igg_volume_tissue": "BazinRedureau1997",
    "igg_exchange": "BazinRedureau1997",
    "igg_uptake": "BazinRedureau1997",
    "igg_recycled_fraction": "BazinRedureau1997",
    "fcrn_half_saturation": "HansenBalthasar2002 Getman2005",
    "igg_cns_intact": "Chang2018 Wang2018",
    "igg_cns_leak": "Jorgensen2007 Juhler1984",
    "igg_absorption_sc": "Tortorici2021",
    "igg_bioavailability_sc": "Tortorici2021",
    "anti_igg_clearance": "AnonAntiHumanIgg2012",
    "anti_igg_rate": "AnonAntiHumanIgg2012",
    "precursor_number": "Moon2007",
    "licensing_rate": "Odoardi2012",
    "da maturation_without_adjuvant": "StosicGrujicic2004",
    "adjuvant_clearance": "Imrich2001",
    "adjuvant_half_effect": "Imrich2001",
    "adjuvant_dose": "Imrich2001",
    "adjuvant_incomplete_strength": "Imrich2001",
    "germinal_centre_rate": "Ichikawa1996",
    "bystander_recruitment": "Cohen1987 Lyman1989",
    "effector_cns_death": "Schmied1993",
    "treg_cns_loss": "Hickey1984",
    "deficit_rate": "Pender1989",
    "lewis demyelination_rate": "Pender1989",
    "remyelination_rate": "Pender1989",
    "antibody_cell_rate": "Ichikawa1996 Lorentzen1995",
    "antibody_cell_loss": "Ichikawa1996 Lorentzen1995",
    "antibody_help_half_saturation": "Ichikawa1996 Lorentzen1995",
    "autoantibody_production": "Ichikawa1996 Lorentzen1995",
    "lewis autoantibody_damage": "BenNun1981",
    "da autoantibody_damage": "Lorentzen1995",
    "da_antibody autoantibody_damage": "Lorentzen1995",
    "death_rate": "Sulkowski2013",
    "lesion_priming_reach": "Jorgensen2005",  # not in table F; its source cited the study before
    **{
        f"potency_{name}": "Issekutz2015 Amran1994"
        for name in (
            "maturation",
            "priming",
            "treg",
            "fc_receptor",
            "complement",
            "fcrn",
            "cytokine",
            "adjuvant",
        )
    },
}
NOTHING_FOUND = ("igg_absorption_ip", "igg_bioavailability_ip", "igg_endogenous")


def expected(rat: str, name: str) -> set[str]:
    rat = rat.removesuffix("_lean")
    given = TABLE_F.get(f"{rat} {name}", TABLE_F.get(name, ""))
    if not given and rat == "da_antibody":
        given = TABLE_F.get(f"da {name}", "")
    return set(given.split())


@pytest.mark.parametrize("rat", rat_names())
def test_every_parameter_has_the_literature_of_the_page_and_no_other(rat):
    entries = load(rat).entries
    for name in Parameters._fields:
        assert set(entries[name].key) == expected(rat, name), name


@pytest.mark.parametrize("rat", rat_names())
def test_what_has_no_literature_says_assumed_or_what_else_it_is(rat):
    for entry in load(rat).entries.values():
        if not entry.key:
            assert re.match(r"assumed|defines the unit|a setting|0: no second drug", entry.source), entry.name


@pytest.mark.parametrize("rat", rat_names())
def test_support_is_said_and_printed_with_every_citation(rat):
    for entry in load(rat).entries.values():
        assert bool(entry.support) >= bool(entry.key)
        if entry.support:
            assert entry.support.partition(":")[0] in SUPPORT
            assert entry.support in entry.basis
        assert all(source(key).text in entry.basis for key in entry.key)


def test_what_speaks_against_a_value_says_so():
    lewis = load("lewis").entries
    against = {name for name, entry in lewis.items() if entry.support.startswith("against")}
    assert against == {"demyelination_rate", "remyelination_rate", "treg_cns_loss"}
    assert "speaks against" in lewis["igg_cns_leak"].support
    assert not load("da").entries["demyelination_rate"].support


def test_what_was_looked_for_and_not_found_says_so():
    for name in NOTHING_FOUND:
        assert load("lewis").entries[name].source == "assumed: no source found"


def test_no_literature_stands_behind_what_a_user_sets():
    rat = load("lewis").replace(igg_volume_plasma=41)
    assert rat.entries["igg_volume_plasma"].basis == "set by the user"
    assert load("lewis").entries["igg_volume_plasma"].key


def test_every_source_is_cited_or_named_as_waiting():
    cited = {key for one in load_findings() for key in one.key}
    cited |= {key for rat in rat_names() for entry in load(rat).entries.values() for key in entry.key}
    for name in drug_names():
        drug = load_drug(name)
        cited |= {*drug.key, *(key for entry in drug.parameters.values() for key in entry.key)}
    cited |= {key for name in trial_names() for row in read_trial(name).published for key in row.source}
    for name in igg_kinetics_names():
        cited |= {key for entry in igg_kinetics(name).entries.values() for key in entry.key}
    assert cited <= set(bibliography())
    assert set(bibliography()) - cited == WAITING


def test_every_source_can_be_found_and_says_what_was_read():
    for one in bibliography().values():
        assert one.read in READ
        assert one.where
        assert one.title or one.journal or one.doi or one.pmid or one.note, one.key
        assert bool(one.authors) != (one.key.startswith("Anon") or one.key in NO_AUTHOR), one.key


def test_marks_stand_on_what_is_not_verified_and_on_nothing_else():
    for one in bibliography().values():
        assert one.text.endswith(one.marks)
        assert ("not verified" in one.text) == (not one.verified)
        for field in one.from_memory:
            assert field in one.marks
        assert ("[from memory]" in one.short) == bool(
            one.authors and {"authors", "year"} & {*one.from_memory}
        )


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (
            "HansenBalthasar2002",
            "Hansen RJ, Balthasar JP (2002). Effects of intravenous immunoglobulin on platelet count and "
            "antiplatelet antibody disposition in a rat model of immune thrombocytopenia. Blood "
            "100(6):2087-2093. doi:10.1182/blood.v100.6.2087",
        ),
        (
            "BenNun1981",
            "Ben-Nun A, Wekerle H, Cohen IR (1981). The rapid isolation of clonable antigen-specific T "
            "lymphocyte lines capable of mediating autoimmune encephalomyelitis. Eur J Immunol 11(3). "
            "doi:10.1002/eji.1830110307 [not verified] [from memory: authors, year, journal, volume]",
        ),
        (
            "Levine1980",
            "Levine S, Sowinski R (1980). Title not on the page read. Am J Pathol 101(2):375-386. "
            "PMID 7435544",
        ),
        (
            "AnonBloodVolume",
            "No author given. A rapid micro blood volume method in laboratory animals. "
            "https://scilit.com/publications/e4ca526ffef3f97e6ee78abbfe748461",
        ),
    ],
)
def test_a_citation_in_full(key, text):
    assert source(key).text == cite([key]) == text


@pytest.mark.parametrize(
    ("key", "short"),
    [
        ("Jorgensen2005", "Humle Jørgensen 2005 [from memory]"),
        ("Jorgensen2007", "Humle Jorgensen 2007"),
        ("BazinRedureau1997", "Bazin-Redureau 1997"),
        ("VanderZeeuw2026", "van der Zeeuw 2026"),
        ("Neurofit", "Neurofit"),
        ("AnonBodyFluids", "AnonBodyFluids (no author given)"),
    ],
)
def test_a_citation_in_short(key, short):
    assert source(key).short == short


GOOD = '[X]\nread = "abstract"\nverified = true\ndoi = "10.1000/1"\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD.replace('read = "abstract"\n', ""), "lacks read"),
        (GOOD.replace("verified = true\n", ""), "lacks verified"),
        (GOOD.replace('doi = "10.1000/1"\n', ""), "no doi, pmid or url"),
        (GOOD.replace("true", '"yes"'), "verified of X is 'yes'"),
        (GOOD.replace("abstract", "abstrakt"), 'did you mean "abstract"?'),
        (GOOD + 'yaer = "2000"\n', 'did you mean "year"?'),
        (GOOD + 'year = "2000"\n', "year of X is '2000'"),
        (GOOD + 'title = ""\n', "title of X is ''"),
        (GOOD + 'from_memory = ["year"]\nyear = 2000\n', "said to be verified"),
        (GOOD.replace("true", "false") + 'from_memory = ["year"]\n', "year from memory, but gives none"),
        ("X = 3\n", "X is not a table"),
        ("[X\n", "is not valid TOML"),
    ],
)
def test_a_bad_source_is_refused_in_one_line(text, message):
    with pytest.raises(EaesimError, match=re.escape(message)) as caught:
        read_bibliography(text, name="own.toml")
    assert "\n" not in str(caught.value)


def test_a_good_source_reads():
    assert read_bibliography(GOOD, name="own.toml")["X"].text == (
        "No author given. Title not on the page read. doi:10.1000/1"
    )


def test_an_unknown_key_names_the_closest():
    with pytest.raises(UnknownNameError, match='did you mean "Pashov1998"'):
        source("Pashov1999")


@pytest.mark.parametrize(
    ("entry", "error", "message"),
    [
        ({"key": ["Hazra2077"], "support": "derived"}, UnknownNameError, 'did you mean "Hazra2007"?'),
        ({"key": ["Hazra2007"]}, FileError, "a key and no support"),
        ({"key": "Hazra2007", "support": "derived"}, FileError, "key is a list"),
        ({"support": "for the valeu: 2"}, UnknownNameError, 'did you mean "for the value"?'),
        ({"support": 3}, FileError, "support is text"),
    ],
)
def test_literature_of_a_parameter_is_checked(entry, error, message):
    with pytest.raises(error, match=re.escape(message)):
        literature("x", entry, name="own.toml")


def test_the_base_file_is_held_to_it():
    from eaesim.model.parameter_file import DATA

    text = (DATA / "base.toml").read_text("utf-8")
    with pytest.raises(UnknownNameError, match='did you mean "Moon2007"'):
        check_base(text.replace('"Moon2007"', '"Moon2008"'), name="base.toml")


def test_a_drug_file_is_held_to_it():
    text = (
        'title = "t"\nsource = "assumed"\n[disposition]\nelimination = "1 1/day"\n'
        'volume = { value = "1 mL/kg", key = ["Hazra2007"]'
    )
    with pytest.raises(FileError, match="a key and no support"):
        read_drug("own", parse_toml(text + " }"))
    entry = read_drug("own", parse_toml(text + ', support = "derived" }')).parameters["own_volume"]
    assert "Hazra A et al." in entry.basis
