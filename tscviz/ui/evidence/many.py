"""The evidence for a method over many cases: gathered in short turns, so that the page stays alive.

A run lives in the session. It goes on while its page is open, and keeps what is done when it is
stopped or when the visitor goes elsewhere.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import streamlit as st

from tscviz.figures.text import count
from tscviz.types import TscvizError
from tscviz.ui import cache, page_options
from tscviz.ui.attributions.data import known
from tscviz.ui.errors import guard, show_error
from tscviz.ui.escape import plain_text
from tscviz.ui.evidence import data, many_found, words
from tscviz.ui.evidence.data import Asked

if TYPE_CHECKING:
    from tscviz.explain.evidence import CasesRun

_RUNS = "_tscviz_evidence_runs"
_MOST = 12
#: Seconds of work in a turn, and between the starts of two turns.
TURN, EVERY = 0.5, 0.6
SIZES = ("10", "25", "50", "100")
ALL = "all"


class How(NamedTuple):
    """How many cases are judged, for which classes, and by which parts of the evidence."""

    size: int
    target: str | int
    parts: tuple[str, ...]
    against: str | int | None = None


@dataclass(eq=False)
class Kept:
    """A run of this session.

    Parameters
    ----------
    asked : Asked
    run : CasesRun
    active : bool
        Whether it goes on.
    error : TscvizError or None
        What ended it.
    """

    asked: Asked
    run: CasesRun
    active: bool = True
    error: TscvizError | None = None


def draw(asked: Asked) -> None:
    """Draw the choices of a run, then the run itself as it goes."""
    how = _choices(asked)
    key = _key(asked, how)
    kept = runs().get(key)
    active = kept is not None and kept.active
    st.fragment(_follow, run_every=EVERY if active else None)(asked, key, how, active=active)


def runs() -> dict[tuple[Any, ...], Kept]:
    """Return the runs of this session, the oldest first."""
    return st.session_state.setdefault(_RUNS, {})


def _choices(asked: Asked) -> How:
    from tscviz.explain.evidence import PARTS

    chosen = asked.selection
    shape = cache.shape_of(chosen.dataset)
    n_all, name = shape.n_cases(chosen.split), shape.class_names[int(chosen.target or 0)]
    sizes = (*(s for s in SIZES if int(s) < n_all), ALL)
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        size = page_options.segmented(
            "sample", "Cases", sizes, sizes[min(1, len(sizes) - 1)],
            lambda s: f"all {n_all}" if s == ALL else s,
            help=f"A random sample of the {chosen.split} cases, drawn by the seed of the settings.",
        )  # fmt: skip
        whose = page_options.select(
            "explained", "Class explained in each", ("predicted", "true", "chosen"), "predicted",
            {"predicted": "the predicted one", "true": "the true one",
             "chosen": f"always {plain_text(name, max_length=24)}"}.__getitem__, width=200,
        )  # fmt: skip
        against = _subtracted(asked)
        which = page_options.select(
            "gathered", "Gathered", ("curves", "all"), "curves",
            {"curves": "curves", "all": "every part (slow)"}.__getitem__, width=170,
        )  # fmt: skip
    target = int(chosen.target or 0) if whose == "chosen" else whose
    parts = tuple(PARTS) if which == "all" else ("curves",)
    return How(n_all if size == ALL else int(size), target, parts, against)


def _subtracted(asked: Asked) -> str | int | None:
    """Let the visitor choose the class whose score is subtracted; None without one."""
    from tscviz.explain.evidence import RUNNER_UP

    if not known()[asked.method].contrasts:
        return None
    names = cache.shape_of(asked.selection.dataset).class_names
    titles = {"none": "no other class", RUNNER_UP: "the runner-up"}
    if asked.against is not None:
        titles["chosen"] = plain_text(names[asked.against], max_length=24)
    chosen = page_options.select(
        "less", "Rather than", tuple(titles), "none" if asked.against is None else "chosen",
        titles.__getitem__, width=165,
        help="The runner-up is the likeliest class beside the one explained. With one and the same "
        "class, the cases explained for that very class are left out.",
    )  # fmt: skip
    return {"none": None, "chosen": asked.against}.get(chosen, chosen)


def _key(asked: Asked, how: How) -> tuple[Any, ...]:
    chosen = asked.selection
    return (
        cache.dataset(chosen.dataset).digest, chosen.split,
        cache.classifier(str(chosen.model)).digest, asked.method, asked.baseline,
        tuple(sorted(asked.options.items())), how, data.settings_key(asked.settings, how.parts),
    )  # fmt: skip


def _follow(asked: Asked, key: tuple[Any, ...], how: How, *, active: bool) -> None:
    with guard():
        kept = runs().get(key)
        _buttons(asked, key, how, kept)
        kept = runs().get(key)
        if kept is not None and kept.active:
            _bar(kept)
            if not active:
                st.rerun()  # from now on a turn every moment
            _turn(kept)
        if active and not (kept is not None and kept.active):
            st.rerun()
        if kept is not None and kept.error is not None:
            show_error(kept.error)
        if kept is not None and kept.run.done:
            many_found.draw(kept, list(runs().values()))


def _buttons(asked: Asked, key: tuple[Any, ...], how: How, kept: Kept | None) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if kept is not None and kept.active:
            st.button(
                "Stop", key="stop_cases", icon=":material/stop:", on_click=_stop, args=(kept,),
                help="After the case that is being worked on. What is done is kept.",
            )  # fmt: skip
        elif kept is None or not kept.run.finished:
            st.button(
                start_label(how.size, begun=kept is not None), key="start_cases",
                icon=":material/play_arrow:", type="primary",
                on_click=_start, args=(asked, key, how),
            )  # fmt: skip
            st.caption(_estimate(asked, how))


def start_label(n_cases: int, *, begun: bool) -> str:
    """Return what the button says that begins a run, or goes on with one."""
    return "Go on" if begun else f"Judge {count(n_cases, 'case')}"


def _estimate(asked: Asked, how: How) -> str:
    each = data.seconds_of(asked, ("curves",))
    text = ""
    if each is not None:
        whole = words.duration(how.size * each)
        text = f"{whole[0].upper()}{whole[1:]} for the curves, as measured on this case."
        if len(how.parts) > 1:
            text += " The other parts take many times as long."
    return text


def _start(asked: Asked, key: tuple[Any, ...], how: How) -> None:
    """Begin a run, or go on with one; a callback."""
    kept = runs()
    if key in kept:
        kept[key].active, kept[key].error = True, None
        return
    with guard():
        kept[key] = Kept(asked, make_run(asked, how))
    while len(kept) > _MOST:
        del kept[next(iter(kept))]


def _stop(kept: Kept) -> None:
    kept.active = False


def make_run(asked: Asked, how: How) -> CasesRun:
    """Return a run over cases of the selected split, not begun."""
    from tscviz.explain.evidence import CasesRun

    chosen = asked.selection
    ready = cache.prepared(str(chosen.model), chosen.dataset, chosen.split)
    _, y, _ = cache.dataset(chosen.dataset).split(chosen.split)
    return CasesRun(
        cache.classifier(str(chosen.model)), ready.X, asked.method, y=y, target=how.target,
        against=how.against, baseline=asked.baseline,
        mask=None if bool(np.all(ready.mask)) else ready.mask,
        usable=np.asarray(~ready.interpolated.any(1)), n_cases=how.size, parts=how.parts,
        settings=asked.settings, options=asked.options,
    )  # fmt: skip


def _bar(kept: Kept) -> None:
    run = kept.run
    done, total = len(run.done), run.n_asked
    left = ""
    if done:
        left = f" · {words.duration(run.seconds / done * (total - done))} left"
    st.progress(done / total, f"{done} of {total} cases{left}")


def _turn(kept: Kept) -> None:
    """Judge cases for a moment; an error ends the run, and what is done stays."""
    until = time.monotonic() + TURN
    try:
        while kept.active:
            kept.run.step()
            kept.active = not kept.run.finished
            if time.monotonic() >= until:
                return
    except TscvizError as error:
        kept.active, kept.error = False, error
