"""The explorer with sliders: a view over the session, which knows nothing of it."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

import ipywidgets as w  # type: ignore[import-untyped]  # it has no types

from ...scenario.explain import listed
from ..picture import table_html
from ..style import plain
from . import words
from .controls import MIXED, Control, first_to_move
from .counting import WHOLE
from .picture import live_html, picture
from .stories import KINDS

if TYPE_CHECKING:
    from .session import Explorer

_EVERYBODY = "all others"
_LEAST_SURE = 0.5
"""Where the slider of the band begins, unless it stands lower: finer steps where they matter."""
_HAIR = 1e-9
_DEALS = (10_000, 25_000, 50_000, 100_000, 200_000, 400_000, 600_000, 1_000_000, 2_500_000)
_STYLE = """
.hitl-explorer { max-width: 1120px; }
.hitl-explorer .hitl-controls { flex-flow: row wrap; gap: 8px 20px; }
.hitl-explorer .hitl-controls > * { flex: 1 1 300px; }
.hitl-explorer .hitl-controls .widget-label { min-width: 88px; }
.hitl-explorer .hitl-whose { font-size: 11.5px; line-height: 1.3; padding-left: 96px;
  color: var(--jp-content-font-color2, #5F6368); height: auto; min-height: 1.3em; }
.hitl-explorer .hitl-whose .widget-html-content { line-height: 1.3; font-size: 11.5px; }
.hitl-explorer .hitl-path { max-width: 100%; }
.hitl-explorer .hitl-path .widget-label { min-width: 0; }
.hitl-explorer .hitl-asked { position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); }
.hitl-explorer h4 { margin: 0 0 2px; font-size: 13px; }
.hitl-explorer .hitl-said { font-size: 13px; line-height: 1.4; min-height: 1.4em; }
.hitl-explorer .hitl-told { font-size: 13px; line-height: 1.45; max-width: min(100%, 1080px);
  overflow-x: auto; }
.hitl-explorer .hitl-told .widget-html-content { min-width: 0; line-height: 1.45; }
.hitl-explorer .hitl-told table { border-collapse: collapse; margin: 4px 0 8px; }
.hitl-explorer .hitl-told caption { text-align: left; font-weight: 700; padding: 4px 0; }
.hitl-explorer .hitl-told th, .hitl-explorer .hitl-told td { text-align: left; padding: 3px 10px
  3px 0; vertical-align: top; border-bottom: 1px solid var(--jp-border-color2, #C9CDD2); }
.hitl-explorer .hitl-told .scroll { overflow-x: auto; }
.hitl-explorer .hitl-wrong { color: var(--jp-error-color1, #B3001B); font-weight: 700;
  white-space: pre-line; }
.hitl-explorer .hitl-said span { display: block; }
.hitl-explorer pre { padding: 10px; background: var(--jp-layout-color2, #EEF1F4); white-space: pre;
  font-family: var(--jp-code-font-family, monospace); line-height: 1.35; overflow-x: auto; }
"""


# ipywidgets gives the handles of its sliders no name, so that a screen reader says only "slider"
_LABEL = (
    "var b=this.closest('.hitl-explorer');"
    "var f=function(){b&amp;&amp;b.querySelectorAll('.widget-slider').forEach(function(s){"
    "var l=s.querySelector('.widget-label'),h=s.querySelector('.noUi-handle');"
    "l&amp;&amp;h&amp;&amp;h.setAttribute('aria-label',l.textContent)})};"
    "[0,300,1500].forEach(function(t){setTimeout(f,t)})"
)


class View:
    """What a notebook shows of an explorer.

    Attributes
    ----------
    box : ipywidgets.VBox
        All of it; every part has a class ``hitl-...`` by which it can be found.
    """

    def __init__(self, explorer: Explorer) -> None:
        self.explorer = explorer
        self._lock = threading.RLock()
        self._syncing = False
        self._notice = ""
        """What stays to be read until something is moved."""
        self._going = True
        """Whether runs are being made, as far as is known."""
        self._settled: dict[str, Callable[[], None]] = {}
        self.picture = _classed(w.HTML(), "hitl-picture")
        self.said = _classed(w.HTML(), "hitl-said")
        self.told = _classed(w.HTML(), "hitl-told")
        self.asked = _classed(w.Text(continuous_update=False, tabbable=False), "hitl-asked")
        self._make_controls()
        self._make_buttons()
        self.table = _classed(w.HTML(), "hitl-told")
        self.more = w.Accordion([self.table], titles=["The figures as a table"])
        self.more.observe(self._tabled, "selected_index")
        self.asked.observe(self._asked, "value")
        self.style = w.HTML()
        self.hide("")
        self.box = _classed(
            w.VBox([self.style, self._controls_box(), self.said, self.picture, self.asked,
                    self._buttons_box(), self.told, self.more]), "hitl-explorer",
        )  # fmt: skip
        self._sync()
        self._show()
        explorer.look_on(self._moved, self._refined, self._failed)

    def hide(self, name: str) -> None:
        """Hide what has this class as long as the view is alive."""
        hidden = f".{name} {{ display: none; }}" if name else ""
        self.style.value = f'<style onload="{_LABEL}">{_STYLE}{hidden}</style>'

    # --- controls --------------------------------------------------------------------------------

    def _make_controls(self) -> None:
        e, c = self.explorer, self.explorer.control()
        safe = [name for name, flow in e.base.workflows.items() if flow.automation_safe]
        self.workflow = _classed(
            w.Dropdown(
                options=[(_EVERYBODY, ""), *((plain(n), n) for n in safe)],
                value=first_to_move(e.base), description="Workflow",
            ), "hitl-workflow",
        )  # fmt: skip
        self.whose = _classed(w.HTML(), "hitl-whose")
        self.auto = _share("Alone from", "hitl-auto", c["auto", ""])
        self.review = _share("Held below", "hitl-review", c["review", ""])
        self.audit = _share("Audited", "hitl-audit", c["audit_share", ""])
        self.deal = _classed(
            w.SelectionSlider(options=[("never", math.inf)], description="Deals above"), "hitl-deal"
        )
        self.signals = _classed(
            w.SelectMultiple(
                options=[(plain(n), n) for n in e.base.signals], description="Signals",
                rows=max(2, min(5, len(e.base.signals))), tooltip="These go to a person",
            ), "hitl-signals",
        )  # fmt: skip
        self.pool = _classed(
            w.Dropdown(options=list(e.base.pools), description="Pool"), "hitl-pool"
        )
        self.people = _classed(w.IntSlider(1, 1, 12, description="People"), "hitl-people")
        self.habits = _classed(w.Dropdown(options=[MIXED], description="Habits"), "hitl-habits")
        self.volume = _classed(
            w.FloatSlider(1.0, min=0.1, max=3.0, step=0.1, description="Volume x",
                          readout_format=".1f"), "hitl-volume",
        )  # fmt: skip
        self.workflow.observe(lambda _: self._sync(), "value")
        self.pool.observe(lambda _: self._sync(), "value")
        flow: dict[str, Any] = {"auto": self.auto, "review": self.review,
                                "deal_size_above": self.deal, "signals": self.signals}  # fmt: skip
        for name, slider in flow.items():
            slider.observe(self._mover(name, lambda: self.workflow.value), "value")
        for name, slider in (("audit_share", self.audit), ("volume", self.volume)):
            slider.observe(self._mover(name, lambda: ""), "value")
        for name, slider in (("reviewers", self.people), ("habits", self.habits)):
            slider.observe(self._mover(name, lambda: self.pool.value), "value")

    def _controls_box(self) -> Any:
        columns = (
            (
                "Where the AI acts alone",
                (self.workflow, self.whose, self.auto, self.review, self.deal),
            ),
            ("What always asks a person", (self.signals, self.audit)),
            ("The team", (self.pool, self.people, self.habits, self.volume)),
        )
        boxes = []
        for title, parts in columns:
            for part in parts:
                part.layout.width = "auto"
            boxes.append(w.VBox([w.HTML(f"<h4>{title}</h4>"), *parts]))
        return _classed(w.HBox(boxes, layout={"max_width": "1080px"}), "hitl-controls")

    def _mover(self, name: str, scope: Callable[[], str]) -> Callable[[Any], None]:
        """What to do when a control was moved by hand."""

        def moved(change: Mapping[str, Any]) -> None:
            if self._syncing:
                return
            value = change["new"]
            if isinstance(value, float):  # a slider adds its steps up
                value = None if value == math.inf else round(value, 6)
            value = list(value) if isinstance(value, tuple) else value
            self._do(lambda: self.explorer.set(workflow=None, **{name: {scope(): value}}))

        return moved

    def _do(self, act: Callable[[], Any]) -> None:
        """Do something; if it cannot be done say so, and put the controls back."""
        try:
            act()
        except ValueError as e:
            self._tell(str(e), wrong=True)
        finally:
            self._sync()

    def _moved(self) -> None:
        """The session has moved, by a hand on a control or in another cell."""
        before = self._notice, self._going
        self._notice, self._going = "", True
        try:
            self._show()
        except BaseException:
            self._notice, self._going = before
            raise
        self.told.value = ""  # it was told of the policy before
        self._sync()
        self.explorer.refine(wait=False)

    def _tell(self, text: str, *, wrong: bool = False) -> None:
        """Say something beside how far the runs are."""
        css = ' class="hitl-wrong" role="alert"' if wrong else ' role="status"'
        with self._lock:
            self._notice = f"<span{css}>{escape(text)}</span>"
            self._say()

    def _say(self) -> None:
        runs, wanted = self.explorer.answer.runs, self.explorer.needed_runs
        said = f"From {runs} run{'' if runs == 1 else 's'}"
        if runs >= wanted:
            said += " of each policy."
        else:
            said += f"; {wanted} are being made in the background." if self._going else "."
        self.said.value = f'{self._notice}<span role="status">{escape(said)}</span>'

    def _sync(self) -> None:
        """Put every control where the session has it."""
        with self._lock:
            known, flow, pool = self.explorer.control(), self.workflow.value, self.pool.value
            self._syncing = True
            try:
                self.whose.value = escape(_whose(known, flow))
                sure = known["auto", flow].value
                self.auto.min = min(_LEAST_SURE, sure)
                _put(self.auto, sure)
                _put(self.review, known["review", flow].value)
                _put(self.audit, known["audit_share", ""].value)
                self._sync_deal(known["deal_size_above", flow])
                if self.explorer.base.signals:
                    self.signals.value = known["signals", flow].value
                people, habits = known["reviewers", pool], known["habits", pool]
                self.people.max = max(12, people.value)
                self.people.value = people.value
                mixed = (MIXED,) if habits.value == MIXED else ()
                _offer(self.habits, (*mixed, *habits.choices))
                self.habits.value = habits.value
                _put(self.volume, known["volume", ""].value)
            finally:
                self._syncing = False

    def _sync_deal(self, control: Control) -> None:
        limits = sorted({*_DEALS, *([control.value] if control.value is not None else [])})
        options: list[tuple[str, float]] = [(words.shown(v), float(v)) for v in limits]
        if not control.scope or control.value is None:
            options.append(("never", math.inf))
        _offer(self.deal, tuple(options))
        self.deal.value = math.inf if control.value is None else control.value

    # --- buttons ---------------------------------------------------------------------------------

    def _make_buttons(self) -> None:
        self.pin = _button("Pin this policy", "hitl-pin", "thumb-tack", self._pin)
        self.reset = _button("Start over", "hitl-reset", "undo", self._reset)
        self.code = _button("Show the code", "hitl-code", "code", self._code)
        self.path = _classed(
            w.Text("boundary.yaml", description="Boundary spec", continuous_update=False),
            "hitl-path",
        )
        self.path.style.description_width = "initial"
        self.write = _button("Write it", "hitl-write", "save", self._write)
        phases = [WHOLE, *map(str, self.explorer.base.phases)]
        self.phase = _classed(
            w.Dropdown(options=[(words.phase_words(p), p) for p in phases], value=phases[-1],
                       description="Why? In"), "hitl-phase",
        )  # fmt: skip
        self.kinds = [
            _button(f"A {kind}", f"hitl-why-{kind.replace(' ', '-')}", "question-circle",
                    partial(self._why_here, kind))
            for kind in KINDS
        ]  # fmt: skip

    def _buttons_box(self) -> Any:
        take = w.HBox([self.pin, self.reset, self.code, self.path, self.write])
        for row in (take, why := w.HBox([self.phase, *self.kinds])):
            row.layout.flex_flow = "row wrap"
        return w.VBox([why, take])

    def _pin(self) -> None:
        self._do(self.explorer.pin)

    def _reset(self) -> None:
        self._do(self.explorer.reset)

    def _code(self) -> None:
        self.told.value = f"<pre>{escape(self.explorer.code())}</pre>"

    def _write(self) -> None:
        try:
            path = self.explorer.export(self.path.value.strip() or "boundary.yaml")
        except (ValueError, OSError) as e:
            self._tell(str(e), wrong=True)
        else:
            self._tell(f"Wrote the boundary spec to {path}; see its change log.")

    def _asked(self, change: Mapping[str, Any]) -> None:
        """A mark of the picture was clicked: ``kind|phase#when``."""
        kind, _, phase = str(change["new"]).partition("#")[0].partition("|")
        if kind in KINDS and phase in (WHOLE, *map(str, self.explorer.base.phases)):
            self._why(kind, phase)

    def _why_here(self, kind: str) -> None:
        self._why(kind, self.phase.value)

    def _why(self, kind: str, phase: str) -> None:
        found = self.explorer.examples(kind, phase=phase, n=1)
        where = words.phase_words(phase).lower()
        if found.empty:
            self.told.value = f"<p>No {escape(kind)} in {escape(where)}.</p>"
            return
        why = self.explorer.why(found["decision_id"][0])
        head = f"<h4>The worst {escape(kind)} of {escape(where)}</h4>"
        self.told.value = head + why._repr_html_()

    # --- what comes of it ------------------------------------------------------------------------

    def _show(self) -> None:
        with self._lock:
            self.picture.value = live_html(self.explorer, self.explorer.answer)
            self._say()
            if self.more.selected_index == 0:
                self._tabled()

    def _tabled(self, _: Any = None) -> None:
        if self.more.selected_index == 0:
            self.table.value = table_html(picture(self.explorer).table)

    def _refined(self) -> None:
        self._show()
        for tell in list(self._settled.values()):
            tell()

    def _failed(self, error: Exception) -> None:
        self._going = False
        why = str(error) or type(error).__name__
        self._tell(f"More runs could not be made: {why}", wrong=True)

    def when_settled(self, where: str, tell: Callable[[], None]) -> None:
        """Whom to tell when the figures have become more certain; one for each place."""
        self._settled[where] = tell

    def close(self) -> None:
        """Take every part of it from the page and from memory."""
        self._settled.clear()
        _close(self.box)

    def _ipython_display_(self) -> None:
        show(self.explorer)


def _whose(known: Mapping[Any, Control], flow: str) -> str:
    """For whom the bands hold that are shown."""
    bands = [c for c in known.values() if c.name in ("auto", "review") and c.own]
    owners = list(dict.fromkeys(c.scope for c in bands))
    if flow:
        return "has bands of its own" if flow in owners else "as all others, until you move it"
    if not owners:
        return "for all workflows that the AI may take alone"
    if all(c.own for c in known.values() if c.name == "auto" and c.scope):
        return "for none: each has bands of its own; choose one"
    return f"all but {listed([plain(name) for name in owners])}"


def _put(slider: Any, value: float) -> None:
    """Set a slider, unless it stands there but for how a computer adds steps up."""
    if abs(slider.value - value) > _HAIR:
        slider.value = value


def _offer(widget: Any, options: tuple[Any, ...]) -> None:
    """Set what can be chosen; to set the same again would choose the first on the way."""
    if tuple(widget.options) != options:
        widget.options = options


def _close(widget: Any) -> None:
    for part in (*getattr(widget, "children", ()), widget.layout, getattr(widget, "style", None)):
        if isinstance(part, w.DOMWidget):
            _close(part)
        elif part is not None:
            part.close()
    widget.close()


def _classed(widget: Any, name: str) -> Any:
    """A widget with a class by which it can be found."""
    return widget.add_class(name)


def _share(title: str, name: str, control: Control) -> Any:
    return _classed(
        w.FloatSlider(control.value, min=control.low, max=control.high, step=control.step,
                      description=title, readout_format=".4", tooltip=control.meaning), name,
    )  # fmt: skip


def _button(title: str, name: str, icon: str, act: Callable[[], None]) -> Any:
    button = w.Button(description=title, icon=icon, layout={"width": "auto"})
    button.on_click(lambda _: act())
    return _classed(button, name)


# --- in a notebook -------------------------------------------------------------------------------


_shown: dict[str, Explorer] = {}
"""Which explorer a cell shows; when the cell is run again, the one before goes."""


def show(explorer: Explorer) -> None:
    """Show the view, and beneath it, for whoever reads without a kernel, picture and table."""
    from IPython.display import HTML, display

    cell = _cell()
    if cell:
        before, _shown[cell] = _shown.get(cell), explorer
        if before is not None and before not in _shown.values():
            before.hide()
    view = explorer.widget()
    name = f"hitl-static-{explorer.base.fingerprint[:10]}-{explorer.seed}"
    view.hide(name)

    def still() -> Any:
        html = f'<div class="{name}">{picture(explorer)._repr_html_()}</div>'
        return HTML(html)  # type: ignore[no-untyped-call]  # IPython is untyped

    display(view.box)  # type: ignore[no-untyped-call]  # IPython is untyped
    handle = display(still(), display_id=True)  # type: ignore[no-untyped-call]  # IPython is untyped
    view.when_settled(cell, lambda: handle.update(still()))
    explorer.refine(wait=False)


def _cell() -> str:
    """Which cell is running, where the notebook says so."""
    from IPython import get_ipython

    shell: Any = get_ipython()
    if not hasattr(shell, "get_parent"):
        return ""
    return str(shell.get_parent().get("metadata", {}).get("cellId", ""))
