"""The form for a new training."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import streamlit as st

from tscviz.models.registry import model_entry, model_names
from tscviz.options import OptionInfo, describe_options
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
_MAX_SEED = 2**31 - 1
_DEFAULT = "dtp-fcn"


def draw_form() -> None:
    """Draw the form, what would happen, and the button that starts it."""
    model, preset, seed = _choose()
    entry = model_entry(model)
    st.caption(f"{escape_markdown(entry.summary)} {escape_markdown(entry.paper)}.")
    network, recipe = _options(model), asdict(presets(model)[preset])
    facts_area = st.container()
    with st.expander("Options of the network", icon=":material/tune:", key="train_network"):
        base = {info.name: info.default for info in network}
        options = draw_fields(network, base, _network_key(model))
    with st.expander("Options of the training", icon=":material/tune:", key="train_recipe"):
        st.caption(f"The {preset} preset, every value of which can be changed.")
        options |= draw_fields(describe_options(Recipe), recipe, _recipe_key(model, preset))
    with facts_area, guard():
        if seed is None:
            raise TscvizError("The seed is empty; give a whole number.")
        _offer(make_plan(state.current().dataset, model, preset, seed, options))


def prefill(spec: JobSpec) -> None:
    """Set the form to the settings of a run; in a callback, before the form is drawn."""
    if spec.model not in model_names() or spec.preset not in presets(spec.model):
        return
    page_options.set_value("architecture", spec.model)
    page_options.set_value("preset", spec.preset)
    st.session_state[_SEED] = spec.seed
    network, recipe = _options(spec.model), asdict(presets(spec.model)[spec.preset])
    base = {info.name: info.default for info in network}
    fill(network, base, spec.options, _network_key(spec.model))
    key = _recipe_key(spec.model, spec.preset)
    fill(describe_options(Recipe), recipe, spec.options, key)


def _options(model: str) -> tuple[OptionInfo, ...]:
    return describe_options(model_entry(model).options)


def _network_key(model: str) -> str:
    return f"train_{model}"


def _recipe_key(model: str, preset: str) -> str:
    return f"train_{model}_{preset}"


def _choose() -> tuple[str, str, int | None]:
    """Draw what every training needs: dataset, network, preset, seed."""
    chosen = state.current()
    names = cache.catalogue().datasets
    st.session_state["train_dataset"] = chosen.dataset
    st.session_state.setdefault(_SEED, 0)
    grid = st.grid(4, min_column_width=170, vertical_alignment="bottom")
    with grid.container():
        st.selectbox("Dataset", names, key="train_dataset", on_change=_take_dataset)
    with grid.container():
        models = model_names()
        first = _DEFAULT if _DEFAULT in models else models[0]
        model = page_options.select(
            "architecture", "Network", models, first, lambda name: model_entry(name).title
        )
    with grid.container():
        preset = page_options.segmented(
            "preset",
            "Preset",
            tuple(presets(model)),
            "quick",
            str.capitalize,
            width="stretch",
            help="Paper: the protocol of the paper. Quick: fewer epochs at a higher learning "
            "rate, for a first look.",
        )
    with grid.container():
        seed: Any = st.number_input(
            "Seed", 0, _MAX_SEED, step=1, key=_SEED, persist_state="session",
            help="Of the initial weights and the order of the cases. The same seed gives the "
            "same model again.",
        )  # fmt: skip
    return model, preset, seed


def _take_dataset() -> None:
    state.select(dataset=st.session_state["train_dataset"])


def _offer(plan: Plan) -> None:
    """Show the facts of a plan and the button that starts it."""
    sizes = plan.facts
    seconds = "after some epochs" if plan.seconds is None else words.roughly(plan.seconds)
    components.stat_tiles(
        {
            "Train cases": (sizes.n_train, f"Test cases: {sizes.n_test}"),
            "Classes": sizes.n_classes,
            "Length": (sizes.lengths, f"Time points; channels: {sizes.n_channels}"),
            "Parameters": (words.count(plan.cost.parameters), f"{plan.cost.parameters:,}"),
            "Work a case": (
                f"{words.count(plan.cost.macs)}MAC",
                "Multiply-accumulates of one forward pass over the longest series",
            ),
            "Time needed": (
                seconds,
                f"A guess for {plan.recipe.epochs} epochs on one core; the run itself tells "
                "better after its first epochs.",
            ),
        }
    )
    for note in plan.notes:
        st.warning(escape_markdown(note), icon=":material/info:")
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
            changed = escape_markdown(words.options_text(plan.spec.options))
            says = f"{plan.recipe.epochs} epochs" + (f"; changed: {changed}" if changed else "")
            st.markdown(f":gray[{says}]")


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
