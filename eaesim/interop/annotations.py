"""SBML annotations for databases: ontology terms, papers, creator and date."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from typing import TYPE_CHECKING

from eaesim.errors import EaesimError
from eaesim.files import parse_toml
from eaesim.model import Parameter
from eaesim.model.bibliography import bibliography

if TYPE_CHECKING:
    from libsbml import Model, SBase
    from libsbml import Parameter as SbmlParameter

#: Creator and date, as in CITATION.cff; no file contains the time at which it was written.
CREATOR, RELEASED = ("The", "eaesim authors", "eaesim"), "2026-11-23T00:00:00Z"
#: Modelling framework and types of elements in the Systems Biology Ontology.
FRAMEWORK, CONSTANT, RATE_CONSTANT, EXPRESSION, OCCURRENCE = 293, 2, 9, 64, 231
_QUANTITY = {"mg/mL": 196, "cell": 361, "mg/kg": 361}
_RESOLVER = "https://identifiers.org/"
_TERMS = parse_toml(files("eaesim.interop").joinpath("terms.toml").read_text("utf-8"))


def annotate_model(model: Model, species: str) -> None:
    """Annotate the subject, creator and date of the model."""
    import libsbml

    model.setMetaId("model")
    model.setSBOTerm(FRAMEWORK)
    taxon, disease = _TERMS["subject"][species]
    _add(model, libsbml.BQB_HAS_TAXON, [taxon])
    _add(model, libsbml.BQB_HAS_PROPERTY, [disease])
    creator, history = libsbml.ModelCreator(), libsbml.ModelHistory()
    given, family, organisation = CREATOR
    creator.setGivenName(given)
    creator.setFamilyName(family)
    creator.setOrganization(organisation)
    history.addCreator(creator)
    history.setCreatedDate(libsbml.Date(RELEASED))
    history.addModifiedDate(libsbml.Date(RELEASED))
    _check(model.setModelHistory(history), "the model's history")


def annotate_state(parameter: SbmlParameter, name: str, unit: str) -> None:
    """Annotate the entity of a state."""
    import libsbml

    parameter.setMetaId(name)
    parameter.setSBOTerm(_QUANTITY.get(unit, CONSTANT))
    _add(
        parameter,
        libsbml.BQB_IS_PROPERTY_OF,
        [term for start, term in _TERMS["state"].items() if name.startswith(start)],
    )


def annotate_parameter(parameter: SbmlParameter, name: str, entry: Parameter) -> None:
    """Annotate the type of a parameter and its papers."""
    import libsbml

    parameter.setMetaId(name)
    parameter.setSBOTerm(RATE_CONSTANT if entry.unit == "1/day" else CONSTANT)
    _add(parameter, libsbml.BQB_IS_DESCRIBED_BY, papers(getattr(entry, "key", ())))


def papers(keys: Iterable[str]) -> list[str]:
    """Return the identifiers of papers of the bibliography: DOI, else PubMed number, else nothing."""
    sources = (bibliography()[key] for key in keys)
    return [f"doi:{one.doi}" if one.doi else f"pubmed:{one.pmid}" for one in sources if one.doi or one.pmid]


def title_of(name: str) -> str:
    """Return the name of an identifier in words.

    Examples
    --------
    >>> title_of("igg_volume_plasma")
    'igg volume plasma'
    """
    return name.replace("_", " ")


def _add(element: SBase, qualifier: int, terms: list[str]) -> None:
    import libsbml

    if not terms:
        return
    term = libsbml.CVTerm(libsbml.BIOLOGICAL_QUALIFIER)
    term.setBiologicalQualifierType(qualifier)
    for each in terms:
        term.addResource(f"{_RESOLVER}{each}")
    _check(element.addCVTerm(term), f"the annotation of {element.getId()}")


def _check(status: int, what: str) -> None:
    if status:
        raise EaesimError(f"SBML does not take {what} (libSBML's code {status}).")
