"""Pages as the product makes them, without the time a kernel takes."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import nbformat

from hitlsim.bundled import bundled
from hitlsim.present.reporting.page import notebook_body, page


def page_of_notebook(name: str, **parameters: Any) -> str:
    """A shipped notebook, its cells run here one after the other, as a page."""
    notebook = nbformat.read(bundled("notebooks") / f"{name}.ipynb", as_version=4)
    names: dict[str, Any] = {}
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        shown = _run(cell.source, names)
        if "parameters" in cell.metadata.get("tags", []):
            names.update(parameters)
        if hasattr(shown, "_repr_html_"):
            html = {"text/html": shown._repr_html_()}
            cell.outputs = [nbformat.v4.new_output("execute_result", html)]
    return page(name, "Report", "as a test made it", notebook_body(notebook))


def _run(source: str, names: dict[str, Any]) -> Any:
    """A cell's last value, as a kernel would show it."""
    body = ast.parse(source).body
    last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
    exec(compile(ast.Module(body, []), "<cell>", "exec"), names)  # noqa: S102 our own notebook
    if not isinstance(last, ast.Expr):
        return None
    return eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)  # noqa: S307


_AROUND = {
    False: {
        "layout-color0": "#fff", "layout-color2": "#eee", "border-color1": "#bdbdbd",
        "content-font-color1": "rgba(0,0,0,.87)", "content-font-color2": "rgba(0,0,0,.54)",
    },
    True: {
        "layout-color0": "#111", "layout-color2": "#424242", "border-color1": "#616161",
        "content-font-color1": "#fff", "content-font-color2": "rgba(255,255,255,.7)",
    },
}  # fmt: skip
"""JupyterLab's own colours, light and dark."""


def page_of_objects(objects: list[Any], *, dark: bool) -> str:
    """What objects show, in the colours that JupyterLab gives them."""
    colours = "".join(f"--jp-{name}:{value};" for name, value in _AROUND[dark].items())
    shown = "".join(f"<section>{it._repr_html_()}</section>" for it in objects)
    return (
        '<!DOCTYPE html><html lang="en"><head><title>Objects</title><style>'
        f":root{{{colours}}} body{{background:var(--jp-layout-color0)}}</style></head>"
        f'<body data-jp-theme-light="{"false" if dark else "true"}">'
        f"<main><h1 hidden>Objects</h1>{shown}</main></body></html>"
    )


def written(html: str, path: Path) -> Path:
    """A page on disk."""
    path.write_text(html, encoding="utf-8")
    return path
