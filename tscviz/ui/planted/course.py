"""The training on a planted problem: which network, the run as it goes, runs of before.

Which run is shown follows from the form alone: the id of a job is the hash of its specification.
So a link or a refresh finds its run again, and what was trained before is there at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from tscviz._version import __version__
from tscviz.data.planted_names import PREFIX, is_planted, planted_options
from tscviz.models.registry import model_entry, model_names
from tscviz.titles import title_of
from tscviz.training.jobs import (
    Job,
    JobError,
    JobSpec,
    JobStatus,
    get_job,
    job_id,
    list_jobs,
    submit,
)
from tscviz.training.recipes import get_preset
from tscviz.types import TscvizError
from tscviz.ui import cache, page_options
from tscviz.ui.errors import show_error
from tscviz.ui.escape import escape_markdown
from tscviz.ui.planted import words
from tscviz.ui.planted.texts import ProblemText, Whole
from tscviz.ui.train import opened, reading, run
from tscviz.ui.train import words as train_words
from tscviz.ui.train.actions import draw_controls
from tscviz.ui.train.plan import Plan, make_plan
from tscviz.ui.train.table import row_of

DEFAULT_NETWORK = "dtp-fcn"
PRESET = "quick"
#: Epochs that learn the default problem within seconds, where fewer than the quick preset's do.
EPOCHS = {
    **dict.fromkeys(("gtp-fcn", "stp-fcn", "dtp-fcn"), 10),
    **dict.fromkeys(("gtp-resnet", "stp-resnet", "dtp-resnet", "convtimenet"), 8),
    "alstm-fcn": 25,
}
MOST_BY_DEFAULT, MAX_EPOCHS, MAX_SEED = 30, 500, 2**31 - 1
_MOST_RUNS = 12


@dataclass(frozen=True)
class Learner:
    """What learns the problem.

    Parameters
    ----------
    network : str
    epochs, seed : int
    """

    network: str
    epochs: int
    seed: int


def epochs_of(network: str) -> int:
    """Return how long a network is trained unless somebody says otherwise."""
    if network in EPOCHS:
        return EPOCHS[network]
    return min(get_preset(network, PRESET).recipe.epochs, MOST_BY_DEFAULT)


def choose() -> Learner:
    """Draw the choice of the network, its epochs and its seed."""
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        network = page_options.select(
            "plant_network", "Network", model_names(), DEFAULT_NETWORK,
            lambda name: model_entry(name).title, width=190,
        )  # fmt: skip
        epochs = _number("plant_epochs", "Epochs", epochs_of(network), (1, MAX_EPOCHS))
        seed = _number("plant_seed", "Seed of the training", 0, (0, MAX_SEED))
        st.space("stretch")
        _earlier()
    return Learner(network, epochs, seed)


def _number(name: str, label: str, default: int, bounds: tuple[int, int]) -> int:
    value = int(page_options.value(name, Whole(*bounds), str(default)))
    key = f"option_{name}"
    st.session_state[key] = value

    def take() -> None:
        page_options.set_value(name, str(st.session_state[key]))

    st.number_input(label, *bounds, step=1, key=key, on_change=take, width=150)
    return value


def plan(problem: str, learner: Learner) -> Plan:
    """Return the training that the form asks for.

    Raises
    ------
    TscvizError
        Where the network cannot take the series.
    """
    options = {"epochs": learner.epochs, "test_every": 1}
    return make_plan(problem, learner.network, PRESET, learner.seed, options)


def find(spec: JobSpec) -> Job | None:
    """Return the run of a specification, None where there is none."""
    try:
        return get_job(job_id(spec))
    except JobError:
        return None


def offer(wanted: Plan) -> None:
    """Draw the button that starts the training, with what it would take."""
    for note in wanted.notes:
        st.warning(escape_markdown(note[:1].upper() + note[1:]), icon=":material/info:")
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        if st.button("Plant and train", type="primary", icon=":material/psychiatry:"):
            _act(lambda: submit(wanted.spec))
        seconds = "" if wanted.seconds is None else f", {train_words.roughly(wanted.seconds)}"
        cost = train_words.count(wanted.cost.parameters)
        st.markdown(
            f":gray[{wanted.facts.n_train} cases to learn from, {cost} parameters{seconds} on one "
            "core. It goes on when you leave the page.]"
        )


def _act(action: Any) -> None:
    try:
        action()
    except TscvizError as error:
        show_error(error)
        return
    cache.refresh()
    st.rerun()


def watch(job: Job, spec: JobSpec) -> JobStatus:
    """Draw a run, followed every second until it ends; return its state now."""
    status = job.status()
    if status.state == "done" and f"job/{job.id}" not in cache.models():
        cache.refresh()  # it ended within the seconds for which the catalogue is kept
    every = None if status.finished else run.POLL_SECONDS
    st.fragment(_follow, run_every=every)(job, spec, active=not status.finished)
    return status


def _follow(job: Job, spec: JobSpec, *, active: bool) -> None:
    status = job.status()
    if active and status.finished:
        cache.refresh()  # the new model appears on every page
        st.rerun()
    if not job.folder.is_dir():
        st.rerun()  # deleted elsewhere
    look = train_words.look_of(status)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{title_of(spec.model)}**", width="content")
        st.badge(look.word, icon=look.icon, color=look.colour)
        st.space("stretch")
        draw_controls(job, spec, status)
    run.draw_message(job, status)
    events = reading.events_of(job)
    if not status.finished:
        run.draw_progress(status)
    if not events:
        return
    run.draw_tiles(status, events)
    if status.state != "done":
        run.draw_curves(job, spec, status, events)
        return
    with st.expander("How it learned: loss and accuracy", icon=":material/monitoring:"):
        run.draw_curves(job, spec, status, events)


def _earlier() -> None:
    """Offer the newest planted runs of this page."""
    found = [(job, spec) for job in list_jobs() if (spec := opened.spec_of(job)) is not None]
    mine = [(job, spec) for job, spec in found if _is_mine(spec)][:_MOST_RUNS]
    if not mine:
        return
    with st.popover("Earlier runs", icon=":material/history:"):
        for job, spec in mine:
            what = words.title(planted_options(spec.dataset))
            st.button(
                escape_markdown(f"{title_of(spec.model)}: {what} · {_state(job)}"),
                key=f"planted_run_{job.id}", type="tertiary", on_click=_open, args=(spec,),
            )  # fmt: skip


def _state(job: Job) -> str:
    cells = row_of(job).cells
    accuracy = cells["Test accuracy"]
    return cells["State"][0] if accuracy is None else f"{accuracy:.0f} % right"


def _is_mine(spec: JobSpec) -> bool:
    """Tell whether the form can show a run: it was trained as this page trains."""
    if not is_planted(spec.dataset) or spec.preset != PRESET or spec.model not in model_names():
        return False
    text = spec.dataset.removeprefix(PREFIX)
    epochs = spec.options.get("epochs")
    return (
        text in ProblemText()
        and set(spec.options) == {"epochs", "test_every"}
        and str(epochs) in Whole(1, MAX_EPOCHS)
        and spec.code_version == __version__  # what older code trained is another run
    )


def _open(spec: JobSpec) -> None:
    """Set the form to a run's settings; a callback."""
    problem = ProblemText.write(planted_options(spec.dataset))
    page_options.set_value("plant", problem)
    page_options.set_value("plant_network", spec.model)
    page_options.set_value("plant_epochs", str(spec.options["epochs"]))
    page_options.set_value("plant_seed", str(spec.seed))
