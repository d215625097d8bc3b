"""Figures on a page take less room, and look the same."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image

from hitlsim.present.reporting.slim import slim
from hitlsim.present.style import drawing, to_png


def on_a_page(png: bytes) -> str:
    return f'<img alt="a" src="data:image/png;base64,{base64.b64encode(png).decode()}">'


def image_of(html: str) -> Image.Image:
    encoded = html.split("base64,")[1].split('"')[0]
    return Image.open(io.BytesIO(base64.b64decode(encoded)))


def test_a_figure_takes_half_the_room_and_no_colour_moves_far() -> None:
    with drawing(3) as figure:
        axes = figure.subplots()
        axes.fill_between(range(9), np.arange(9.0), color="#56B4E9", hatch="///", edgecolor="black")
        axes.plot(np.sin(np.arange(9)), color="#D55E00")
        axes.set_title("What went out that nobody asked about, week by week")
        html = on_a_page(to_png(figure))
    small = slim(html)
    before, after = (np.asarray(image_of(h).convert("RGB"), int) for h in (html, small))
    assert len(small) < len(html) / 2
    assert np.abs(before - after).max() <= 8
    assert slim(html) == small


def test_a_figure_one_can_see_through_stays_as_it_is() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (40, 40), (255, 0, 0, 90)).save(out, format="png")
    assert slim(on_a_page(out.getvalue())) == on_a_page(out.getvalue())
