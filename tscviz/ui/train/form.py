"""The form for a new training."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import streamlit as st

from tscviz.models.registry import model_entry, model_names
from tscviz.options import MAX_SEED, OptionInfo, describe_options
from tscviz.training.course import planned_epochs
from tscviz.training.jobs import Job, JobError, JobSpec, get_job, job_id, submit
from tscviz.training.recipes import Recipe, presets
from tscviz.types import TscvizError
from tscviz.ui import cache, components, page_options, state
from tscviz.ui.errors import guard, show_error
from tscviz.ui.escape import escape_markdown
from tscviz.ui.train import opened, words
from tscviz.ui.train.fields import draw_fields, fill
from tscviz.ui.train.plan import Plan, make_plan

_SEED = "train_seed"
_DEFAULT = "dtp-fcn"
#: The one value of the recipe that is not folded.
_MAIN = "epochs"


def draw_form() -> None:
    """Draw the form, what would happen, and the button that starts it."""
    model, preset, seed, options = _choose()
    st.caption(escape_markdown(model_entry(model).summary))
    options |= _fold(model, preset)
    with guard():
        if seed is None:
            raise TscvizError("The seed is empty; give a whole number.")
        _offer(make_plan(state.current().dataset, model, preset, seed, options))


def _fold(model: str, preset: str) -> dict[str, Any]:
    """Draw the options that are folded at first; return those that were changed."""
    network, base = _options(model), _defaults(model, preset)
    recipe = asdict(presets(model)[preset].recipe)
    rest = tuple(info for info in describe_options(Recipe) if info.name != _MAIN)
    grid = st.grid(2, min_column_width=440)
    with grid.expander("Options of the network", icon=":material/hub:", key="train_network"):
        options = draw_fields(network, base, _network_key(model, preset))
    with grid.expander("Options of the training", icon=":material/tune:", key="train_recipe"):
        options |= draw_fields(rest, recipe, _recipe_key(model, preset))
    return options


def prefill(spec: JobSpec) -> None:
    """Set the form to the settings of a run; in a run that does not draw the form."""
    if spec.model not in model_names() or spec.preset not in presets(spec.model):
        return
    page_options.set_value("architecture", spec.model)
    page_options.set_value("preset", spec.preset)
    st.session_state[_SEED] = spec.seed
    network, key = _options(spec.model), _recipe_key(spec.model, spec.preset)
    base = _defaults(spec.model, spec.preset)
    fill(network, base, spec.options, _network_key(spec.model, spec.preset))
    recipe = asdict(presets(spec.model)[spec.preset].recipe)
    fill(describe_options(Recipe), recipe, spec.options, key)


def _options(model: str) -> tuple[OptionInfo, ...]:
    return describe_options(model_entry(model).options)


def _defaults(model: str, preset: str) -> dict[str, Any]:
    own = presets(model)[preset].network
    return {info.name: info.default for info in _options(model)} | own


def _network_key(model: str, preset: str) -> str:
    own = presets(model)[preset].network
    return f"train_{model}_{preset}_network" if own else f"train_{model}"


def _recipe_key(model: str, preset: str) -> str:
    return f"train_{model}_{preset}"


def _choose() -> tuple[str, str, int | None, dict[str, Any]]:
    """Draw what every training needs: dataset, network, preset, epochs, seed."""
    chosen = state.current()
    names = cache.catalogue().datasets
    st.session_state["train_dataset"] = chosen.dataset
    st.session_state.setdefault(_SEED, 0)
    grid = st.grid(5, min_column_width=150)
    with grid.container():
        st.selectbox("Dataset", names, key="train_dataset", on_change=_take_dataset)
    with grid.container():
        models = model_names()
        first = _DEFAULT if _DEFAULT in models else models[0]
        model = page_options.select(
            "architecture",
            "Network",
            models,
            first,
            lambda name: model_entry(name).title,
            help=escape_markdown("\n".join(sorted({model_entry(m).paper for m in models}))),
        )
    with grid.container():
        preset = page_options.select(
            "preset",
            "Preset",
            tuple(presets(model)),
            "quick",
            str.capitalize,
            help="Paper: the protocol of the paper. Quick: fewer epochs, for a first look. "
            "Report: the Columbia report's network and protocol. Scratch: as Paper, without "
            "pre-trained weights.",
        )
    epochs = tuple(info for info in describe_options(Recipe) if info.name == _MAIN)
    with grid.container():
        base = asdict(presets(model)[preset].recipe)
        options = draw_fields(epochs, base, _recipe_key(model, preset))
    with grid.container():
        seed: Any = st.number_input(
            "Seed", 0, MAX_SEED, step=1, key=_SEED, persist_state="session",
            help="Of the initial weights and the order of the cases. The same seed gives the "
            "same model again.",
        )  # fmt: skip
    return model, preset, seed, options


def _take_dataset() -> None:
    state.select(dataset=st.session_state["train_dataset"])


def _offer(plan: Plan) -> None:
    """Show the facts of a plan and the button that starts it."""
    sizes = plan.facts
    components.stat_tiles(
        {
            "Train cases": sizes.n_train,
            "Test cases": (sizes.n_test, "Only looked at; nothing is learned or chosen from them"),
            "Classes": sizes.n_classes,
            "Length": (sizes.lengths, f"Time points; channels: {sizes.n_channels}"),
            "Parameters": (words.count(plan.cost.parameters), f"{plan.cost.parameters:,}"),
            "MACs a case": (
                words.count(plan.cost.macs),
                "Multiply-accumulates of one forward pass over the longest series",
            ),
        }
    )
    for note in plan.notes:
        st.warning(escape_markdown(note[:1].upper() + note[1:]), icon=":material/info:")
    _start_row(plan)


def _start_row(plan: Plan) -> None:
    existing = _existing(plan.spec)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        if existing is not None:
            state_word = words.look_of(existing.status()).word
            if st.button("Open this training", type="primary", icon=":material/open_in_full:"):
                opened.show(existing.id)
                st.rerun()
            st.markdown(f":gray[There is one with exactly these settings: {state_word}.]")
        else:
            if st.button("Start training", type="primary", icon=":material/play_arrow:"):
                _start(plan)
            st.markdown(f":gray[{escape_markdown(_says(plan))}]")


def _says(plan: Plan) -> str:
    """Say what the button would start."""
    most = "at most " if plan.recipe.stop_patience else ""
    parts = [f"{most}{planned_epochs(plan.recipe)} epochs"]
    if plan.seconds is not None:
        parts.append(f"{words.roughly(plan.seconds)} on one core")
    changed = words.options_text(plan.spec.options)
    return ", ".join(parts) + (f"; changed: {changed}" if changed else "")


def _existing(spec: JobSpec) -> Job | None:
    try:
        return get_job(job_id(spec))
    except JobError:
        return None


def _start(plan: Plan) -> None:
    try:
        job = submit(plan.spec)
    except JobError as error:
        show_error(error)
        return
    opened.show(job.id)
    st.rerun()
