"""The animal of an NWB file."""

import re
from typing import Any, NamedTuple

from .._repr import brief
from ..storage import RunDirectory, UserError, external_source

_SUBJECT = {  # what archives accept: of each field a pattern, and how to say it
    "id": (r"[^/\\\s][^/\\]*", "a name without slashes"),
    "species": (r"[A-Z][a-z]+ [a-z]+|https?://\S+", "a Latin name such as Rattus norvegicus, or a link to a taxonomy"),
    "sex": (r"[MFOU]", "M, F, O (other) or U (unknown)"),
    "age": (r"P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?", "an ISO 8601 duration such as P90D"),
}


@brief
class NwbSubject(NamedTuple):
    """The animal of a recording, as archives want it; what is not known stays empty."""

    id: str
    species: str = ""
    """Latin, as Rattus norvegicus."""
    sex: str = "U"
    """M, F, O or U."""
    age: str = ""
    """An ISO 8601 duration, as P90D."""


def check_subject(run: RunDirectory, subject: NwbSubject) -> None:
    """`UserError` if the run is a simulation, or a field of the subject is not as archives want it."""
    if (external_source(run) or {}).get("kind") != "recording":
        raise UserError(f"the run {run.path} is a simulation, which has no subject; leave it out")
    for name, (pattern, words) in _SUBJECT.items():
        value = getattr(subject, name)
        if (value or name == "id") and not re.fullmatch(pattern, value):
            raise UserError(f"the subject's {name} must be {words}, got {value!r}")


def pynwb_subject(pynwb: Any, subject: NwbSubject) -> Any:
    """The same as an object of pynwb's."""
    fields = {name: value for name, value in subject._asdict().items() if value}
    return pynwb.file.Subject(subject_id=fields.pop("id"), **fields)
