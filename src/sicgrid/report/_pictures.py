"""Pictures as text that a page can hold: maps as palette PNGs, figures as inline SVG."""

import base64
import io
import re
from functools import lru_cache

import matplotlib
import numpy as np
from jaxtyping import Float, UInt8
from markupsafe import Markup
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from PIL import Image

from ..figures import AUTOCORRELOGRAM_COLORS, FAINT, INK, MUTED, RATE_COLORS, phase_colormap

LEVELS = 127  # colors of a map; more could not be told apart and compress worse
RASTER_DPI = 144  # of maps and dense clouds within a figure; lines and text are drawn as such

_RASTER = "data:image/png;base64,"
_PARTS = re.compile(f'({_RASTER}[^"]*)')
_TAG = re.compile(r"(?:^|<)[^<>]*(?:>|$)")  # or what a picture within it leaves of one
_LONG_NUMBER = re.compile(r"(?:scale|matrix)\([^)]*\)|(?<![\w.#-])-?\d+\.\d{3,}")  # factors are needed to all digits

# matplotlib's neutral colors become the page's, so that a figure is dark on light paper and light on dark.
_THEME = {INK: "var(--ink)", MUTED: "var(--muted)", FAINT: "var(--line)"}


def rate_map_png(rate_map: Float[np.ndarray, "x y"]) -> str:
    """A rate map as data URI, one pixel a bin, x right and y up, from 0 to its peak; unvisited bins are transparent."""
    peak = np.nanmax(rate_map) if np.isfinite(rate_map).any() else 0.0
    return _png(rate_map / peak if peak > 0 else rate_map, RATE_COLORS)


def signed_map_png(rate_map: Float[np.ndarray, "x y"]) -> str:
    """The same for activity of both signs, from minus to plus its largest magnitude around white."""
    peak = np.nanmax(np.abs(rate_map)) if np.isfinite(rate_map).any() else 0.0
    return _png((rate_map / peak + 1) / 2 if peak > 0 else rate_map + 0.5, AUTOCORRELOGRAM_COLORS)


def autocorrelogram_png(autocorrelogram: Float[np.ndarray, "lag_x lag_y"]) -> str:
    """An autocorrelogram as data URI, one pixel a shift, from -1 to 1; undefined shifts are transparent."""
    return _png((autocorrelogram + 1) / 2, AUTOCORRELOGRAM_COLORS)


@lru_cache
def palette(name: str) -> UInt8[np.ndarray, "levels rgb"]:
    """The colors of a matplotlib colormap, ``LEVELS`` of them."""
    colors = matplotlib.colormaps[name](np.linspace(0, 1, LEVELS))[:, :3]
    return np.round(255 * colors).astype(np.uint8)


def phase_gradient(stops: int = 13) -> str:
    """The colors of a phase, from 0 to 2 pi, as CSS gradient."""
    colors = phase_colormap()(np.linspace(0, 1, stops) % 1.0)
    return f"linear-gradient(90deg, {', '.join(to_hex(color) for color in colors)})"


def gradient(name: str, stops: int = 9) -> str:
    """A colormap as CSS gradient, for the key beside the pictures."""
    chosen = palette(name)[np.linspace(0, LEVELS - 1, stops).astype(int)]
    return f"linear-gradient(90deg, {', '.join('#' + bytes(color).hex() for color in chosen)})"


def inline_svg(figure: Figure, name: str, label: str) -> Markup:
    """A figure as SVG element for a page, in the page's colors and font, with ``label`` for those who cannot see it.

    ``name`` keeps its ids apart from those of the page's other figures.
    """
    buffer = io.StringIO()
    _lay_out(figure)
    # Without dates and with a fixed salt the same figure gives the same text.
    no_metadata = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": name}):
        figure.savefig(buffer, format="svg", transparent=True, metadata=no_metadata, dpi=RASTER_DPI)
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'\s+xmlns(:\w+)?="[^"]*"', "", text).replace("xlink:href", "href")
    text = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', text)
    text = re.sub(r"url\(#", f"url(#{name}-", text).replace('href="#', f'href="#{name}-')
    text = re.sub(r"font: [^;\"]*?(\d+(?:\.\d+)?)px [^;\"]*", r"font-size: \1px", text)
    text = re.sub(r"font-family: [^;\"]*;\s*", "", text)  # the page's holds
    text = "".join(_lossless(part) if part.startswith(_RASTER) else _shorter(part) for part in _PARTS.split(text))
    for color, variable in _THEME.items():
        text = text.replace(color, variable)
    head, body = text.split(">", 1)
    head = re.sub(r'\s(width|height)="[^"]*"', "", head)
    return Markup('{} role="img" aria-label="{}">{}').format(Markup(head), label, Markup(body))


def _lay_out(figure: Figure) -> None:
    """Run the layout engine now: `savefig` would draw everything once more, unseen, to do so."""
    engine = figure.get_layout_engine()
    if engine is not None:
        FigureCanvasSVG(figure)  # measures text as it will be drawn
        figure.dpi = FigureCanvasSVG.fixed_dpi
        engine.execute(figure)
        figure.set_layout_engine(None)


def _shorter(svg: str) -> str:
    """A part of an SVG without indentation, its coordinates to hundredths of a point; texts stay as they are."""
    return _TAG.sub(lambda tag: re.sub(r"\s+", " ", _LONG_NUMBER.sub(_hundredths, tag[0])), re.sub(r">\s+<", "><", svg))


def _hundredths(match: re.Match[str]) -> str:
    return match[0] if match[0].endswith(")") else f"{float(match[0]):.2f}".rstrip("0").rstrip(".")


def _lossless(uri: str) -> str:
    """A PNG as WebP of the same pixels, two thirds of the bytes for a cloud of points; unchanged if that is longer."""
    content = base64.b64decode(uri.removeprefix(_RASTER))
    webp = io.BytesIO()
    # Method 6 takes a hundredth less, in four times the time.
    Image.open(io.BytesIO(content)).save(webp, "WEBP", lossless=True, method=3)
    if webp.tell() >= len(content):
        return _RASTER + base64.b64encode(content).decode()
    return "data:image/webp;base64," + base64.b64encode(webp.getvalue()).decode()


def _png(values: Float[np.ndarray, "x y"], colors: str) -> str:
    """Values in [0, 1] as data URI; index 0 is transparent and stands for NaN."""
    finite = np.isfinite(values)
    level = 1 + np.round(np.clip(np.where(finite, values, 0), 0, 1) * (LEVELS - 1))
    pixels = np.where(finite, level, 0).astype(np.uint8).T[::-1]
    image = Image.fromarray(np.ascontiguousarray(pixels))
    image.putpalette([0, 0, 0, *palette(colors).ravel().tolist()])
    content = io.BytesIO()
    image.save(content, "PNG", transparency=0, compress_level=9)
    return _RASTER + base64.b64encode(content.getvalue()).decode()
