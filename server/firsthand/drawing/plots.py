"""Plots as SVG, to be put into a page that has the classes and colours of `drawing.html`. Pure.

A plot has a frame of its own coordinates: x and y from 0 to 1, the origin at the lower left.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

Point = tuple[float, float]
Tick = tuple[float, str]

_WIDTH, _HEIGHT = 420, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 24, 14, 40
FIFTHS: tuple[Tick, ...] = tuple((tick / 5, f"{tick * 20}%") for tick in range(6))


def plot(title: str, x_title: str, xs: Sequence[Tick], ys: Sequence[Tick], *parts: str) -> str:
    """A frame with ticks, and what is drawn in it.

    Args:
        title: what a screen reader says of it.
        x_title: what stands below.
        xs: where the ticks of the x axis are, and their texts.
        ys: those of the y axis, which have lines across.
        parts: the inner elements.
    """
    lines = [
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(title)}">',
        *(
            f'<path class="grid" d="M{_x(0)} {_y(at)}H{_x(1)}"/>'
            f'<text class="tick end" x="{_LEFT - 6}" y="{_y(at) + 4}">{escape(text)}</text>'
            for at, text in ys
        ),
        *(
            f'<text class="tick mid" x="{_x(at)}" y="{_y(0) + 16}">{escape(text)}</text>'
            for at, text in xs
        ),
        f'<text class="tick mid" x="{_x(0.5)}" y="{_HEIGHT - 6}">{escape(x_title)}</text>',
        *parts,
        "</svg>",
    ]
    return "\n".join(lines)


def line(points: Sequence[Point], series: str) -> str:
    """A line with a mark at each point.

    Args:
        points: in the frame.
        series: its class, which has the colour.
    """
    if not points:
        return ""
    path = "L".join(f"{_x(x)} {_y(y)}" for x, y in points)
    marks = "".join(f'<circle cx="{_x(x)}" cy="{_y(y)}" r="2.5"/>' for x, y in points)
    return f'<g class="{series}"><path class="line" d="M{path}"/>{marks}</g>'


def diagonal() -> str:
    """Where a calibrated answer would lie."""
    return f'<path class="ideal" d="M{_x(0)} {_y(0)}L{_x(1)} {_y(1)}"/>'


def dots(points: Sequence[tuple[float, float, float, str]], series: str) -> str:
    """Dots with what is said when one is pointed at.

    Args:
        points: x, y, the share of all that a dot stands for (its area), the text.
        series: the class.
    """
    drawn = "".join(
        f'<circle cx="{_x(x)}" cy="{_y(y)}" r="{3 + 18 * weight**0.5:.1f}">'
        f"<title>{escape(text)}</title></circle>"
        for x, y, weight, text in points
    )
    return f'<g class="{series} dots">{drawn}</g>'


def columns(heights: Sequence[tuple[float, str]], series: str) -> str:
    """Columns of equal width across the frame, each with what is said when it is pointed at."""
    width = (_x(1) - _x(0)) / max(1, len(heights))
    drawn = "".join(
        f'<rect x="{_x(0) + number * width + 0.5:.1f}" y="{_y(height)}" '
        f'width="{max(0.5, width - 1):.1f}" height="{_y(0) - _y(height):.1f}">'
        f"<title>{escape(text)}</title></rect>"
        for number, (height, text) in enumerate(heights)
    )
    return f'<g class="{series}">{drawn}</g>'


def mark(x: float, label: str, *, row: int = 0) -> str:
    """A line from bottom to top at a place, with its label at its head, in a row below the top."""
    left = x > 0.8
    anchor, shift = ("end", -4) if left else ("start", 4)
    return (
        f'<g class="mark"><path d="M{_x(x)} {_y(0)}V{_y(1)}"/>'
        f'<text class="tick {anchor}" x="{_x(x) + shift:.1f}" y="{_y(1) + 12 + 14 * row}">'
        f"{escape(label)}</text></g>"
    )


def bar(share: float | None, series: str) -> str:
    """A small bar for a cell of a table."""
    width = 0 if share is None else max(0.0, min(1.0, share)) * 100
    return (
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="rail" width="100" height="8"/>'
        f'<g class="{series}"><rect width="{width:.1f}" height="8"/></g></svg>'
    )


def _x(share: float) -> float:
    return round(_LEFT + share * (_WIDTH - _LEFT - _RIGHT), 1)


def _y(share: float) -> float:
    return round(_HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM), 1)
