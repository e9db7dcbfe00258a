"""What a figure says, and whether it can be drawn."""

import io

import xarray as xr

REASON = "No module was found."
NOTHING = xr.Dataset(attrs={"reason": REASON})
"""A part that could not be computed."""


def words(figure):
    """Every text of a figure but its legends and ticks."""
    found = [text.get_text() for axes in figure.axes for text in axes.texts]
    for axes in figure.axes:
        found += [axes.get_title(), axes.get_title("left"), axes.get_xlabel(), axes.get_ylabel()]
    return [word for word in found if word]


def drawn(figure):
    """Size of the figure as a picture, with something in it and something written on it."""
    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=40)
    return buffer.tell() > 2000 and bool(words(figure))


def only_says_why(figure):
    """Whether all that is written on a figure of `NOTHING` is why there is nothing."""
    return words(figure) == [REASON]
