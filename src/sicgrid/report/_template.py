"""The pages' templates, filled in: text escaped, nothing undefined, styles and scripts inside the page."""

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup


def render(
    template: str,
    inlined: Mapping[str, str],
    content: Mapping[str, Any],
    filters: Mapping[str, Callable[..., str]] | None = None,
) -> str:
    """Fill a template of this room; ``inlined`` are names in the template and the files that they stand for."""
    environment = Environment(
        loader=PackageLoader("sicgrid.report", "template"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= filters or {}
    loader = environment.loader
    assert loader is not None
    # Styles and script are ours and hold no data, so they go in as they are.
    files = {name: Markup(loader.get_source(environment, file)[0]) for name, file in inlined.items()}
    return environment.get_template(template).render(**files, **content)
