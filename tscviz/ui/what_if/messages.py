"""What the editor in the browser sends, put into practice.

A message is a list of operations with running numbers. The browser repeats an operation until it
was answered, because a quick second message can replace the first on its way; so numbers that
were heard before are passed over. Nothing in a message is trusted: what does not fit is refused
with one sentence, and the series stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tscviz.types import Array, TscvizError
from tscviz.ui.inside.words import points
from tscviz.ui.what_if import store
from tscviz.ui.what_if.bounds import Bounds
from tscviz.ui.what_if.history import History
from tscviz.ui.what_if.sources import Sources, WhatIfError

_MALFORMED = "the editor sent an edit that cannot be read; reload the page and try again."


def take(message: object, token: str, history: History, sources: Sources) -> None:
    """Carry out the operations of a message that are new.

    Parameters
    ----------
    message : object
        ``{"run": str, "ops": [{"number": int, "token": str, "kind": str, ...}, ...]}``.
    token : str
        Of the case on the page; operations on another one are dropped.
    history : History
        Changed in place; its `note` says what was refused.
    sources : Sources
    """
    if not isinstance(message, Mapping) or not isinstance(message.get("ops"), list):
        history.note = _sentence(_MALFORMED)
        return
    run = str(message.get("run", ""))[:40]
    for op in message["ops"]:
        number = op.get("number") if isinstance(op, Mapping) else None
        if not isinstance(number, int):
            history.note = _sentence(_MALFORMED)
            return
        if number > store.heard(run):
            store.hear(run, number)
            if op.get("token") == token:
                perform(op, history, sources)


def perform(op: Mapping[str, Any], history: History, sources: Sources) -> None:
    """Carry out one operation; where that cannot be done, say so in the history's note."""
    history.note = None
    action = _ACTIONS.get(str(op.get("kind")))
    try:
        if action is None:
            raise WhatIfError(_MALFORMED)
        action(op, history, sources)
    except TscvizError as error:
        history.note = _sentence(str(error))
    except (TypeError, ValueError, KeyError, OverflowError):
        history.note = _sentence(_MALFORMED)


def enter(
    history: History, x: Array, text: str, edit: Mapping[str, Any], *, told: str | None = None
) -> None:
    """Add a version once its values are within bounds; the note says what was cut or refused."""
    kept, history.note = Bounds.around(history.original).checked(x, history.x)
    history.push(kept, text, edit, told=told)


def _edit(op: Mapping[str, Any], history: History, sources: Sources) -> None:
    from tscviz.explain.operations import OPERATIONS, Edit, apply_edit

    name, channel = str(op["operation"]), op.get("channel")
    options = dict(op.get("options") or {})
    told: dict[str, Any] = dict(options)
    source = None
    if name == "lift":  # the same stretch of the series itself, higher
        name, by = "other_case", float(options.pop("by"))
        source, label = history.x + by, "move"
    elif name == "class_mean":
        source = sources.class_mean(int(options.pop("class")))
        label = "class mean at"
    elif name == "other_case":
        case = int(options.pop("case"))
        source, label = sources.other_case(case), f"case {case} at"
    else:
        label = OPERATIONS[name].title.lower() if name in OPERATIONS else name
    if name == "draw":
        options["stroke"] = tuple(float(v) for v in options["stroke"])
    edit = Edit(
        name,
        int(op.get("start", 0)),
        int(op.get("stop", 0)),
        None if channel is None else int(channel),
        options,
    )
    text = f"{label} {_where(edit)}".replace("drag a point ", "drag ")
    record = {**edit.as_dict(), "operation": str(op["operation"]), "options": told}
    enter(history, apply_edit(history.x, edit, source), text, record)


def _where(edit: Any) -> str:
    """Return the points an edit is about: "points 30–60"."""
    if edit.operation == "drag":
        return points(int(edit.options["at"]), int(edit.options["at"]))
    if edit.operation == "draw":
        times = [round(t) for t in edit.options["stroke"][::2]]
        return points(min(times), max(times))
    return points(edit.start, edit.stop - 1)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _undo(_op: Mapping[str, Any], history: History, _sources: Sources) -> None:
    history.undo()


def _redo(_op: Mapping[str, Any], history: History, _sources: Sources) -> None:
    history.redo()


def _reset(_op: Mapping[str, Any], history: History, _sources: Sources) -> None:
    history.reset()


_ACTIONS: dict[str, Callable[[Mapping[str, Any], History, Sources], None]] = {
    "edit": _edit,
    "undo": _undo,
    "redo": _redo,
    "reset": _reset,
}
