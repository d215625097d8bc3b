"""Run a notebook with parameters in a kernel of its own, and trust only what can be checked.

papermill is imported when it is needed: it costs more than everything else here together.
"""

from __future__ import annotations

import ast
import errno
import json
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import LogError, NotEnoughEvidence, ScenarioError
from .failures import DiskFull, ReportError, no_room
from .kernel import own_kernel
from .notebooks import read_notebook

_KINDS: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool}
_USERS_FAULT = {e.__name__: e for e in (LogError, ScenarioError, NotEnoughEvidence)}
_ENGINE = "hitlsim"
_NO_ROOM_SAID = f"[Errno {errno.ENOSPC}]"
_WORDS = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One line of a notebook's parameters cell."""

    name: str
    kind: type
    default: Any
    help: str

    def checked(self, value: Any) -> Any:
        """The value as plain Python, or a refusal that says what the line asks for."""
        value = value.item() if hasattr(value, "item") else value
        if self.kind is float and type(value) is int:
            value = float(value)
        if type(value) is not self.kind:
            raise ScenarioError(
                f"parameter {self.name}: {value!r} must be of type {self.kind.__name__} "
                f"({self.help})"
            )
        return value

    def read(self, text: str) -> Any:
        """The value that a text of the command line stands for."""
        if self.kind is str:
            return text
        try:
            return _WORDS[text.lower()] if self.kind is bool else self.kind(text)
        except (KeyError, ValueError):
            raise ScenarioError(
                f"parameter {self.name}: {text!r} must be of type {self.kind.__name__} "
                f"({self.help})"
            ) from None


def parameters_of(notebook: Any) -> dict[str, Parameter]:
    """The parameters a notebook declares, one ``name: type = literal  # help`` a line."""
    source = next(c.source for c in notebook.cells if "parameters" in c.metadata.get("tags", []))
    lines = source.splitlines()
    found = {}
    for node in ast.parse(source).body:
        match node:
            case ast.AnnAssign(ast.Name(name), ast.Name(kind), ast.expr() as value):
                comment = re.search(r"#\s*(.*)$", lines[node.lineno - 1])
                said = comment[1] if comment else ""
                found[name] = Parameter(name, _KINDS[kind], ast.literal_eval(value), said)
            case _:
                raise ReportError(
                    f"line {node.lineno} of the parameters cell is not like "
                    "'name: type = literal  # help'"
                )
    return found


def checked(declared: Mapping[str, Parameter], given: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as plain values; papermill itself would only warn about unknown ones.

    Raises
    ------
    ScenarioError
        When the notebook declares no such parameter, or the value is of another type.
    """
    unknown = [name for name in given if name not in declared]
    if unknown:
        raise ScenarioError(f"parameter {unknown[0]!r} is unknown; known: {', '.join(declared)}")
    return {name: declared[name].checked(value) for name, value in given.items()}


def execute(
    source: Path,
    target: Path,
    parameters: Mapping[str, Any],
    results: Path,
    folder: Path | None = None,
) -> Any:
    """Run a notebook into ``target`` and check that it ran to its end.

    Parameters
    ----------
    source, target : Path
        The notebook, and where it is written as it ran.
    parameters : mapping
        Those that differ from what the notebook says.
    results : Path
        What the notebook must have written at its end.
    folder : Path, optional
        Where it runs; default where ``target`` lies.

    Returns
    -------
    NotebookNode
        The notebook as it ran.

    Raises
    ------
    LogError, ScenarioError, NotEnoughEvidence
        When that is what stopped it.
    DiskFull
        When there was no room for what it wrote.
    ReportError
        When anything else did.
    """
    with warnings.catch_warnings(), own_kernel() as (manager, config, errors):
        # of papermill, nbclient and what they use: nothing that a reader could mend
        warnings.simplefilter("ignore")
        import papermill
        from papermill.exceptions import PapermillExecutionError

        try:
            papermill.execute_notebook(
                _literally(source),
                _literally(target),
                parameters=dict(parameters),
                engine_name=_written_once(),
                kernel_name="python3",
                progress_bar=False,
                cwd=str(folder or target.parent),
                kernel_manager_class=manager,
                config=config,
            )
        except PapermillExecutionError as e:
            if e.ename in _USERS_FAULT:
                raise _USERS_FAULT[e.ename](e.evalue) from None
            failed = DiskFull if _NO_ROOM_SAID in e.evalue else ReportError
            raise failed(f"a cell failed with {e.ename}: {e.evalue}") from None
        except Exception as e:
            if isinstance(e, OSError) and no_room(e):
                raise
            raise ReportError(f"the kernel stopped ({_cause(e, errors)})") from None
        notebook = read_notebook(target)
    _verify(notebook, results)
    return notebook


def _written_once() -> str:
    """Name of an engine that writes the notebook when it ended, well or not.

    papermill's own writes all of it before and after each cell.
    """
    from papermill.engines import NBClientEngine, papermill_engines

    class WrittenOnce(NBClientEngine):  # type: ignore[misc]  # its library is untyped
        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **kw: Any) -> None:
            target, nb_man.output_path = nb_man.output_path, None
            try:
                super().execute_managed_notebook(nb_man, kernel_name, **kw)
            finally:
                nb_man.output_path = target

    papermill_engines.register(_ENGINE, WrittenOnce)
    return _ENGINE


def _cause(error: Exception, errors: Path) -> str:
    """Why a kernel died, as far as it can be known."""
    said = errors.read_text(errors="replace").strip().splitlines()
    if said:
        return f"{type(error).__name__}: {said[-1]}"
    if type(error).__name__ == "DeadKernelError":
        return "it was killed from outside, or there was not enough memory; run again"
    return f"{type(error).__name__}: {(str(error).strip() or 'no reason given').splitlines()[0]}"


def _literally(path: Path) -> str:
    """A path as papermill takes it: it would fill in ``{...}``."""
    return str(path).replace("{", "{{").replace("}", "}}")


def _verify(notebook: Any, results: Path) -> None:
    """A killed kernel or a timeout can leave a notebook that looks complete."""
    for number, cell in enumerate(notebook.cells, 1):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        if any(o.output_type == "error" for o in cell.outputs):
            raise ReportError(f"cell {number} ended in an error")
        if cell.execution_count is None:
            raise ReportError(f"cell {number} did not run")
    try:
        json.loads(results.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ReportError("it did not write its results as its last act") from None


def as_it_lies(notebook: Any, parameters: Mapping[str, Any]) -> Any:
    """The notebook without the paths of the unfinished run, ready to run where it lies.

    Parameters
    ----------
    notebook : NotebookNode
        As it ran; it is changed. What it shows as HTML it no longer has as text, too: that of a
        picture is its bytes once more.
    parameters : mapping
        Those that were others while it ran.
    """
    run = notebook.metadata.get("papermill", {})
    for key in ("input_path", "output_path"):
        run.pop(key, None)
    run["parameters"] = {**run.get("parameters", {}), **parameters}
    for cell in notebook.cells:
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.source = "\n".join(_with(line, parameters) for line in cell.source.split("\n"))
        for output in cell.get("outputs", []):
            if "text/html" in output.get("data", {}):
                output["data"].pop("text/plain", None)
    return notebook


def _with(line: str, parameters: Mapping[str, Any]) -> str:
    """A line ``name = value`` with the parameter's value in it."""
    name = line.partition(" = ")[0]
    if name not in parameters:
        return line
    return f"{name} = {json.dumps(parameters[name], ensure_ascii=False)}"
