"""Colours: told apart by the colour-blind, and dark enough to be read."""

from __future__ import annotations

import io
import itertools
import re

import numpy as np
import pytest
from numpy.typing import NDArray

from hitlsim.present import css, style

WORDS, LINES = 4.5, 3.0
"""WCAG 2.2: 1.4.3 for text, 1.4.11 for what is drawn."""
DEUTAN = np.array([[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]])
PROTAN = np.array([[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]])
"""Vienot, Brettel & Mollon 1999, on linear RGB."""


def linear(colour: str) -> NDArray[np.float64]:
    digits = colour.lstrip("#")
    digits = "".join(2 * d for d in digits) if len(digits) == 3 else digits
    rgb = np.array([int(digits[i : i + 2], 16) for i in (0, 2, 4)]) / 255
    return np.asarray(np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4))


def contrast(one: str, other: str) -> float:
    light = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other))
    return (light[1] + 0.05) / (light[0] + 0.05)


def test_contrast_is_reckoned_as_the_standard_has_it() -> None:
    assert contrast("#000000", "#fff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("colour", [style.BLACK, style.BLUE, style.VERMILLION, style.GREEN])
def test_lines_and_points_stand_out_and_their_words_can_be_read(colour: str) -> None:
    assert contrast(colour, "#ffffff") >= LINES
    assert contrast(style.AS_WORDS.get(colour, colour), "#ffffff") >= WORDS


@pytest.mark.parametrize("eye", [DEUTAN, PROTAN])
def test_lines_are_told_apart_by_the_colour_blind(eye: NDArray[np.float64]) -> None:
    """By lightness or hue that is left; hatches, dashes and marks come on top."""
    colours = [style.BLACK, style.BLUE, style.VERMILLION, style.GREEN]
    for one, other in itertools.combinations(colours, 2):
        seen = [np.clip(eye @ linear(c), 0, 1) ** (1 / 2.2) for c in (one, other)]
        assert np.linalg.norm(seen[0] - seen[1]) > 0.1, (one, other)


def test_words_in_a_picture_are_drawn_in_the_darker_hue() -> None:
    import matplotlib.image

    with style.drawing(1.0) as fig:
        fig.text(0.1, 0.5, "MMMMMMMM", color=style.GREEN, fontsize=40)
        image = matplotlib.image.imread(io.BytesIO(style.to_png(fig)))
    darkest = image[..., :3].reshape(-1, 3)[image[..., :3].sum(axis=2).argmin()]
    assert "#" + "".join(f"{round(255 * x):02X}" for x in darkest) == style.AS_WORDS[style.GREEN]


@pytest.mark.parametrize("name", ["ink", "grey", "blue", "good", "watch", "bad"])
def test_words_of_a_page_can_be_read_on_all_that_lies_under_them(name: str) -> None:
    colours = dict(re.findall(r"--(\w+): (#\w+);", css.COLOURS))
    for under in ("paper", "mist", "warm"):
        assert contrast(colours[name], colours[under]) >= WORDS, under


@pytest.mark.parametrize("name", ["grey", "blue", "good", "watch", "bad"])
def test_words_in_the_dark_can_be_read(name: str) -> None:
    dark = css.OF_OBJECTS.rsplit("{", 1)[1]
    colours = dict(re.findall(r"--(\w+): (#\w+);", dark))
    assert contrast(colours[name], "#111111") >= WORDS
