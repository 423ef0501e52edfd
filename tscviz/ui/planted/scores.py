"""Which methods find the cue: gathered in short turns, kept for everybody, ranked."""

# ruff: noqa: ARG001 - keys of a cache are read by Streamlit, not by the function

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from tscviz.figures import RankRow, plot_localisation
from tscviz.figures.planted_ranks import REASON_ROOM
from tscviz.figures.text import count
from tscviz.types import Array
from tscviz.ui import cache, components, page_options, shell
from tscviz.ui.attributions.chooser import reason_of
from tscviz.ui.attributions.data import Question, compute, known, obstacle
from tscviz.ui.errors import guard
from tscviz.ui.escape import escape_markdown
from tscviz.ui.planted import tables, words
from tscviz.ui.planted.scoring import TIERS, Scored, ScoreRun, ranked
from tscviz.ui.selection import Selection
from tscviz.ui.train.words import duration

#: Seconds of work in a turn, and between the starts of two turns.
TURN, EVERY = 0.5, 0.6
SIZES = ("10", "20", "50")
_STOPPED = "_tscviz_planted_stopped"
_TIERS = {"cheap": "the quick ones", "moderate": "and slower ones", "dear": "all that apply"}
_OVER = {"points": "each point of each channel", "time": "each time point, channels summed"}


@dataclass(frozen=True)
class Asked:
    """What is scored.

    Parameters
    ----------
    problem : str
        Name of the dataset.
    model : str
        Name in the catalogue.
    methods : tuple of str
        Wanted, the cheap ones first.
    n_cases : int
    over : str
        See `tscviz.explain.localisation.localisation`.
    """

    problem: str
    model: str
    methods: tuple[str, ...]
    n_cases: int
    over: str

    @property
    def key(self) -> str:
        """What tells a stopped run apart."""
        return f"{self.model}-{self.n_cases}-{len(self.methods)}"


def recall() -> None:
    """Take the choices out of the link while there is nothing to score yet."""
    page_options.value("plant_methods", TIERS, TIERS[0])
    page_options.value("plant_cases", SIZES, SIZES[1])
    page_options.value("plant_over", tuple(_OVER), "points")


def choose(problem: str, model: str) -> Asked:
    """Draw the choices: methods, cases, and what is scored where there are several channels."""
    fits = {tier: tuple(_fitting(model, tier)) for tier in TIERS}
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        tier = page_options.segmented(
            "plant_methods", "Methods", TIERS, TIERS[0],
            lambda t: f"{_TIERS[t]} ({len(fits[t])})",
            help="Quick: a pass or two of the network for a map. Slower: tens of passes. All: "
            "hundreds for some.",
        )  # fmt: skip
        size = page_options.segmented("plant_cases", "Test cases", SIZES, SIZES[1])
        over = "points"
        if cache.planted(problem).options.channels > 1:
            over = page_options.select(
                "plant_over", "What is ranked", tuple(_OVER), "points", _OVER.__getitem__,
                help="Summed over the channels is fair to methods that do not tell channels apart.",
                width=260,
            )  # fmt: skip
    return Asked(problem, model, fits[tier], int(size), over)


def _fitting(model: str, most: str) -> list[str]:
    """Return the methods that apply, up to a cost, the cheap ones first."""
    tiers = TIERS[: TIERS.index(most) + 1]
    fits = [name for name in known() if obstacle(model, name) is None]
    return [name for tier in tiers for name in fits if known()[name].cost == tier]


def right_cases(asked: Asked) -> list[int]:
    """Return the first test cases that the network classifies correctly."""
    proba = cache.probabilities(asked.model, asked.problem, "test")
    y = cache.dataset(asked.problem).y_test
    return np.flatnonzero(proba.argmax(1) == y)[: asked.n_cases].tolist()


def run_of(asked: Asked) -> ScoreRun:
    """Return the scores as far as anybody has gathered them."""
    made = cache.planted(asked.problem)
    ready = cache.prepared(asked.model, asked.problem, "test")
    digest = cache.classifier(asked.model).digest
    cases = right_cases(asked)
    return _run(made.dataset.digest, digest, asked.n_cases, cases, made.truth_test, ready.mask)


@st.cache_resource(max_entries=64, show_spinner=False)
def _run(
    data_digest: str,
    model_digest: str,
    n_cases: int,
    _cases: list[int],
    _truth: Array,
    _mask: Array,
) -> ScoreRun:
    return ScoreRun(_cases, _truth, _mask)


def draw(asked: Asked) -> bool:
    """Draw the ranking as it is gathered; return whether it stands and has something in it."""
    run = run_of(asked)
    if not run.cases:
        st.warning("The network classifies no test case correctly: there is nothing to score.")
        return False
    active = bool(run.left(asked.methods)) and _stopped() != asked.key
    st.fragment(_follow, run_every=EVERY if active else None)(asked, active=active)
    return not active and bool(found_by(asked, run))


def _stopped() -> str | None:
    return st.session_state.get(_STOPPED)


def _stop(key: str | None) -> None:
    st.session_state[_STOPPED] = key


def _follow(asked: Asked, *, active: bool) -> None:
    with guard():
        run = run_of(asked)
        left = run.left(asked.methods)
        if left and _stopped() == asked.key:
            _go_on(left)
        elif left:
            _bar(asked, run, left)
            _turn(asked, run)
        if active != (bool(run.left(asked.methods)) and _stopped() != asked.key):
            st.rerun()  # from now on, or no longer, a turn every moment
        _draw_found(asked, run, settled=not active)


def _bar(asked: Asked, run: ScoreRun, left: int) -> None:
    total = len(run.cases) * len(asked.methods)
    done = total - left
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        text = f"{done} of {total} maps{_remaining(asked, run)}"
        st.progress(done / total, text, width="stretch")
        st.button(
            "Stop", key="planted_stop", icon=":material/stop:", on_click=_stop, args=(asked.key,),
            help="After the map that is being computed. What is done is kept.",
        )  # fmt: skip


def _remaining(asked: Asked, run: ScoreRun) -> str:
    """Return the time left once every method has told how long a map takes it."""
    open_ones = [name for name in asked.methods if run.left([name])]
    if not all(run.found.get(name) for name in open_ones):
        return ""
    paces = {name: run.seconds[name] / len(run.found[name]) for name in open_ones}
    return f" · {duration(sum(paces[name] * run.left([name]) for name in open_ones))} left"


def _go_on(left: int) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.button("Go on", key="planted_go_on", icon=":material/play_arrow:", type="primary",
                  on_click=_stop, args=(None,))  # fmt: skip
        st.caption(words.stopped(left))


def _turn(asked: Asked, run: ScoreRun) -> None:
    """Score maps for a moment, one at least."""
    until = time.monotonic() + TURN
    while run.left(asked.methods):
        run.step(asked.methods, lambda method, case: ask(asked, method, case))
        if time.monotonic() >= until:
            return


def ask(asked: Asked, method: str, case: int) -> tuple[Array, float]:
    """Return a method's map of a test case for its true class, and the seconds it took."""
    label = int(cache.dataset(asked.problem).y_test[case])
    chosen = Selection(asked.problem, asked.model, "test", case, label)
    attribution, seconds = compute(chosen, method, Question())
    return attribution.values, seconds


def found_by(asked: Asked, run: ScoreRun) -> list[Scored]:
    """Return the methods that have a score, the best first."""
    return ranked([
        run.scored(name, known()[name].title, asked.over)
        for name in asked.methods
        if run.found.get(name) and name not in run.failed
    ])  # fmt: skip


def reasons(asked: Asked, run: ScoreRun) -> dict[str, str]:
    """Return why methods have no score: they do not apply, or could not answer."""
    network = cache.classifier(asked.model).name
    unfit = {
        name: reason_of([asked.model], name).replace(network, "this network")
        for name in known()
        if obstacle(asked.model, name) is not None
    }
    return unfit | {name: text for name, text in run.failed.items() if name in asked.methods}


def _draw_found(asked: Asked, run: ScoreRun, *, settled: bool) -> None:
    best = found_by(asked, run)
    if not best:
        return
    if settled:
        st.markdown(words.verdict(best))
    without = reasons(asked, run)
    rows = [RankRow(one.title, one.area, one.pointing) for one in best]
    rows += [RankRow(known()[name].title, reason=why) for name, why in without.items()]
    components.figure(
        plot_localisation(rows, best[0].chance, dark=shell.is_dark()),
        name=f"{asked.model}-planted-scores", downloads=settled,
        caption=words.reading(len(run.cases)) if settled else None,
        table=lambda: tables.score_table(best, without),
        document=lambda: document(asked, run, best, without),
    )  # fmt: skip
    if settled:  # a table would only flicker
        st.dataframe(
            tables.shown(best), hide_index=True, column_config=tables.columns(), height="content",
            alt=f"{count(len(best), 'method')} by how well the cue is found",
        )  # fmt: skip
        _greyed(without)


def _greyed(without: dict[str, str]) -> None:
    """Write out the reasons that the figure has no room for."""
    lines = [
        f"- :gray[**{escape_markdown(known()[name].title)}**: {escape_markdown(why)}]"
        for name, why in without.items()
        if len(why) > REASON_ROOM
    ]
    if lines:
        st.caption("No score, in full:\n" + "\n".join(lines))


def document(
    asked: Asked, run: ScoreRun, best: Sequence[Scored], without: dict[str, str]
) -> dict[str, Any]:
    """Return the scores with everything that led to them."""
    made = cache.planted(asked.problem)
    return {
        "problem": asked.problem,
        "options": made.options,
        "dataset_digest": made.dataset.digest,
        "model": asked.model,
        "model_digest": cache.classifier(asked.model).digest,
        "over": asked.over,
        "use": "absolute",
        "cases": list(run.cases),
        "scores": list(best),
        "without": without,
    }
