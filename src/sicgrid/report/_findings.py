"""The page's sections on the analyses: question, picture, number, verdict on the claim."""

from typing import NamedTuple

from ._claims import Claim
from ._drawings import part_drawings, usable
from ._numbers import NUMBERS
from ._panels import Panel, panel
from ._results import RunResults

NOT_COMPUTED = "This part has not been computed yet; `sicgrid analyze` makes it."


class Finding(NamedTuple):
    """A section; ``missing`` says why there is no picture, ``number`` is what was measured."""

    id: str
    short: str
    question: str
    lead: str
    panels: list[Panel]
    number: str
    claims: list[Claim]
    missing: str
    torus: bool = False


class _Section(NamedTuple):
    id: str
    short: str
    question: str
    lead: str
    parts: tuple[str, ...]
    claims: tuple[str, ...]


SECTIONS = (
    _Section(
        "waves",
        "Waves",
        "Are the lattices hexagonal?",
        "A hexagonal lattice is made of three plane waves 60° apart, so the power of its maps over spatial "
        "frequency has "
        "six peaks: the three waves and their negatives. The spacing of fields is 2/√3 of a wave’s length.",
        ("fourier",),
        ("C5",),
    ),
    _Section(
        "phases",
        "Phases",
        "Do the phases tile the unit cell?",
        "Units of one module differ in phase only: the place of their field within the unit cell, given as phases "
        "along "
        "the three axes. An even code uses all phases alike. Two of the three phases determine the third.",
        ("phases",),
        ("C2", "C6"),
    ),
    _Section(
        "torus",
        "Torus",
        "Is the state space of a module a torus?",
        "Places that differ by a lattice vector have the same state in a module, so all its states make a torus: "
        "the unit "
        "cell with opposite edges glued together. It was never put in. The eye sees it after six principal "
        "components and "
        "an embedding in three dimensions; the verdict is that of persistent homology, which counts pieces, loops "
        "and cavities without any picture.",
        ("state_space", "topology"),
        ("C7",),
    ),
    _Section(
        "distance",
        "Distance",
        "Does the state move away, and stay away?",
        "Separation asks that far places have far states. A lattice must break this at its own vectors, where a module "
        "repeats; several modules repeat at different places, so that together they never come all the way back.",
        ("generalisation",),
        ("C4",),
    ),
    _Section(
        "range",
        "Range",
        "How far is the code unique?",
        "Coding theory promises of several modules a range far beyond the largest spacing, which the paper states but "
        "does not measure. Here: the distance to the nearest place whose state noise could mistake for this one.",
        ("unique_range",),
        (),
    ),
    _Section(
        "correction",
        "Correction",
        "Does the code correct errors?",
        "States that no place has are left to tell that something went wrong. A decoder that knows all states finds "
        "the "
        "nearest one; the network itself may pull a disturbed state back while it runs on.",
        ("error_correction", "intrinsic_correction"),
        (),
    ),
    _Section(
        "geometry",
        "Geometry",
        "Is space stretched evenly?",
        "A conformal isometry moves the state equally far for every small step, wherever and in whatever direction. "
        "The "
        "metric tensor of the code says by how much it does so at each place.",
        ("geometry",),
        (),
    ),
    _Section(
        "fields",
        "Fields",
        "Are there place-like units?",
        "The paper finds place-like units for a narrower separation (smaller σg). They have one field in the box.",
        ("fields",),
        (),
    ),
)


def findings(results: RunResults, claims: list[Claim]) -> list[Finding]:
    """All sections in reading order; those whose part is missing say so."""
    return [_finding(section, results, claims) for section in SECTIONS]


def _finding(section: _Section, results: RunResults, claims: list[Claim]) -> Finding:
    panels, sentences, missing = [], [], []
    for name in section.parts:
        part = results.parts.get(name)
        panels += [panel(drawing) for drawing in part_drawings(results, name)]
        if usable(part):
            assert part is not None
            sentences.append(NUMBERS[name](part))
        else:
            missing.append(str(part.attrs.get("reason") or NOT_COMPUTED) if part is not None else NOT_COMPUTED)
    return Finding(
        section.id,
        section.short,
        section.question,
        section.lead,
        panels,
        " ".join(filter(None, sentences)),
        [claim for claim in claims if claim.id in section.claims],
        " ".join(dict.fromkeys(missing)),
        torus=section.id == "torus" and usable(results.parts.get("state_space")),
    )
