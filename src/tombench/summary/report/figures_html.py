"""Figures inside the page: as an image that needs no second file, and small enough to carry."""

import re
from base64 import b64encode
from dataclasses import dataclass
from io import BytesIO

from tombench.summary.pages import Figure

LARGEST_SVG = 60_000
"""Bytes; a drawing of many marks is smaller as pixels, and a report is to stay under 5 MB."""
COLOURS = 128
"""Of a figure in pixels: no figure draws more hues, and it takes a third of the bytes."""

_METADATA = re.compile(rb"<metadata>.*?</metadata>", re.DOTALL)
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_LONG_DECIMAL = re.compile(rb"(scale\([^)]*\))|(?<=[\s\"(,LMCQ])(-?\d+\.\d\d)\d+")
"""Or a scale, which stays: letters are drawn large and scaled to a hundredth."""
_BREAKS = re.compile(rb"\n\s*")


@dataclass(frozen=True)
class FigureView:
    """A figure ready for the page."""

    anchor: str
    name: str  # of its files under figures/, without an ending
    source: str  # a data: address
    alt: str
    caption: str


def figure_view(figure: Figure, anchor: str) -> FigureView | None:
    """The drawn figure, or None where there is nothing to draw."""
    drawn = figure.draw("svg")
    if not drawn:
        return None
    small, kind = compact(drawn), "svg+xml"
    if len(small) > LARGEST_SVG and (pixels := figure.draw("png")):
        small, kind = few_colours(pixels), "png"
    source = f"data:image/{kind};base64,{b64encode(small).decode()}"
    caption = figure.name.replace("_", " ")
    return FigureView(anchor, figure.name, source, figure.alt or caption, caption)


def compact(svg: bytes) -> bytes:
    """A smaller SVG that looks the same: hundredths of a point, no metadata, no line breaks."""
    svg = _COMMENT.sub(b"", _METADATA.sub(b"", svg))
    return _BREAKS.sub(b" ", _LONG_DECIMAL.sub(rb"\1\2", svg))


def few_colours(png: bytes) -> bytes:
    """A smaller PNG that looks the same: a palette in place of 32 bits a pixel."""
    from PIL import Image

    with Image.open(BytesIO(png)) as image:
        flat = image.quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    small = BytesIO()
    flat.save(small, "PNG")
    return min(small.getvalue(), png, key=len)
