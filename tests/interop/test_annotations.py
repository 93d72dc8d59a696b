"""What a database reads of a file, read back by libSBML."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import libsbml
import pytest

from eaesim.interop import annotations, sbml_text
from eaesim.interop.annotations import CREATOR, RELEASED, annotate_parameter
from eaesim.model import STATES, load

CITATION = Path(__file__).parents[2] / "CITATION.cff"
# The quantities of the Systems Biology Ontology that a parameter may be.
QUANTITIES = {"SBO:0000002", "SBO:0000009", "SBO:0000196", "SBO:0000361"}


@pytest.fixture(scope="module")
def model() -> libsbml.Model:
    document = libsbml.readSBMLFromString(sbml_text("da"))
    found = document.getModel()
    found.document = document  # so that it lives as long as its model
    return found


def resources(element: libsbml.SBase, qualifier: int) -> list[str]:
    terms = [element.getCVTerm(index) for index in range(element.getNumCVTerms())]
    assert all(term.getQualifierType() == libsbml.BIOLOGICAL_QUALIFIER for term in terms)
    return [
        term.getResourceURI(index)
        for term in terms
        if term.getBiologicalQualifierType() == qualifier
        for index in range(term.getNumResources())
    ]


def test_the_model_says_which_animal_and_which_disease(model: libsbml.Model) -> None:
    assert model.getSBOTermID() == "SBO:0000293"
    assert resources(model, libsbml.BQB_HAS_TAXON) == ["https://identifiers.org/taxonomy:10116"]
    assert resources(model, libsbml.BQB_HAS_PROPERTY) == ["https://identifiers.org/mesh:D004681"]


def test_creator_and_date_are_those_of_the_citation(model: libsbml.Model) -> None:
    history = model.getModelHistory()
    assert history.getNumCreators() == 1
    creator = history.getCreator(0)
    written = CITATION.read_text("utf-8")
    assert f'name: "{creator.getGivenName()} {creator.getFamilyName()}"' in written
    assert (creator.getGivenName(), creator.getFamilyName(), creator.getOrganisation()) == CREATOR
    assert history.getCreatedDate().getDateAsString() == RELEASED
    assert history.getModifiedDate(0).getDateAsString() == RELEASED
    assert f"date-released: {RELEASED[:10]}" in written


def test_every_parameter_has_a_name_and_a_term(model: libsbml.Model) -> None:
    for index in range(model.getNumParameters()):
        parameter = model.getParameter(index)
        assert parameter.getName().strip()
        assert parameter.getName() != parameter.getId() or "_" not in parameter.getId()
        if parameter.isSetMetaId():
            assert parameter.getSBOTermID() in QUANTITIES
    annotated = {model.getParameter(index).getMetaId() for index in range(model.getNumParameters())}
    assert set(STATES) | set(load("da").entries) <= annotated
    assert all(model.getRule(index).getSBOTermID() == "SBO:0000064" for index in range(model.getNumRules()))
    assert all(model.getEvent(index).getSBOTermID() == "SBO:0000231" for index in range(model.getNumEvents()))


@pytest.mark.parametrize(
    ("state", "term"),
    [
        ("igg_plasma", "mesh:D007074"),
        ("effector_cns", "CL:0000084"),
        ("treg_node", "CL:0000815"),
        ("dendritic_mature", "CL:0000451"),
        ("memory", "CL:0000813"),
        ("inflammation", "CL:0000235"),
    ],
)
def test_a_state_says_what_it_is_an_amount_of(model: libsbml.Model, state: str, term: str) -> None:
    found = resources(model.getParameter(state), libsbml.BQB_IS_PROPERTY_OF)
    assert found == [f"https://identifiers.org/{term}"]


def test_concentrations_and_numbers_of_cells_are_told_apart(model: libsbml.Model) -> None:
    assert model.getParameter("igg_plasma").getSBOTermID() == "SBO:0000196"
    assert model.getParameter("effector_cns").getSBOTermID() == "SBO:0000361"
    assert model.getParameter("igg_uptake").getSBOTermID() == "SBO:0000009"


def test_a_parameter_with_a_paper_names_it(monkeypatch: pytest.MonkeyPatch, model: libsbml.Model) -> None:
    sources = {
        "One2001": SimpleNamespace(doi="10.1/one", pmid="1"),
        "Two2002": SimpleNamespace(doi="", pmid="2"),
        "Three2003": SimpleNamespace(doi="", pmid=""),
    }
    monkeypatch.setattr(annotations, "bibliography", lambda: sources)
    entry = SimpleNamespace(unit="1/day", key=tuple(sources))
    other = model.clone()
    parameter = other.createParameter()
    parameter.setId("made_up")
    annotate_parameter(parameter, "made_up", entry)
    assert resources(parameter, libsbml.BQB_IS_DESCRIBED_BY) == [
        "https://identifiers.org/doi:10.1/one",
        "https://identifiers.org/pubmed:2",
    ]


def test_a_file_made_twice_is_the_same(model: libsbml.Model) -> None:
    assert sbml_text("da") == sbml_text("da")
    assert not re.search(r"20[0-9]{2}-(?!11-23)[0-9]{2}-[0-9]{2}T", sbml_text("da"))
