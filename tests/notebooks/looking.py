"""What a browser is asked about a page."""

from __future__ import annotations

from typing import Any

import pytest

PAPER = 690
"""A4 between its margins, in pixels."""
_LONGEST = 24
_BROKEN = """
longest => [...document.querySelectorAll('th, td')].flatMap(cell => {
  const broken = [], range = document.createRange()
  const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT)
  while (texts.nextNode()) {
    for (const word of texts.currentNode.data.matchAll(/[\\p{L}\\d]+/gu)) {
      range.setStart(texts.currentNode, word.index)
      range.setEnd(texts.currentNode, word.index + word[0].length)
      if (word[0].length <= longest && range.getClientRects().length > 1) broken.push(word[0])
    }
  }
  return broken
})"""


def unfold(page: Any) -> None:
    """Open all that can be opened."""
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")


def broken_words(page: Any) -> list[str]:
    """Words of tables that go on in the next line, though no longer than words are."""
    found: list[str] = page.evaluate(_BROKEN, _LONGEST)
    return found


def cut_on_paper(page: Any) -> list[str]:
    """Beginnings of tables and pictures that run off the paper."""
    page.set_viewport_size({"width": PAPER, "height": 900})
    page.emulate_media(media="print")
    cut: list[str] = page.evaluate(
        "w => [...document.querySelectorAll('table, figure img')]"
        ".filter(e => e.getBoundingClientRect().right > w + 1)"
        ".map(e => (e.alt || e.innerText).slice(0, 60))",
        PAPER,
    )
    page.emulate_media(media="screen")
    return cut


def violations(page: Any, *, only: str = "", context: dict[str, Any] | None = None) -> list[str]:
    """What a checker of accessibility calls serious or critical."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if only:
        options["runOnly"] = {"type": "rule", "values": [only]}
    found = axe.run(page, context=context, options=options).response["violations"]
    return [
        f"{v['id']}: {v['nodes'][0]['html'][:200]} {v['nodes'][0].get('failureSummary')}"
        for v in found
        if v["impact"] in ("serious", "critical")
    ]
