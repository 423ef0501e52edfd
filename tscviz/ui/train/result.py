"""What a finished training gives: its mistakes, where to go on, and files to take away."""

# ruff: noqa: ARG001 - keys of a cache are read by Streamlit, not by the function

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from tscviz.training.jobs import Job, JobSpec
from tscviz.types import Dataset
from tscviz.ui import cache, components, shell
from tscviz.ui.escape import safe_file_name
from tscviz.ui.train import words

if TYPE_CHECKING:
    from tscviz.models import Classifier

_Way = tuple[str, str, str, str]
_SEGMENTS = (
    "segments", ":material/view_week:", "See its segments",
    "Where it cuts a series, and which parts decide.",
)  # fmt: skip
_ATTENTION = (
    "attention", ":material/center_focus_strong:", "See its attention",
    "Where it looks, and what the recurrent and the convolutional branch give.",
)  # fmt: skip
#: Architecture: its own view. GTP, STP and DTP have the segments.
_VIEWS: dict[str, _Way] = {
    "dsn": (
        "receptive-fields", ":material/width:", "See its receptive fields",
        "Which lengths its kernels read, and how training moved them.",
    ),
    "lstm-fcn": _ATTENTION,
    "alstm-fcn": _ATTENTION,
    "convtimenet": (
        "occlusion", ":material/visibility_off:", "See its filters",
        "What it misses where a stretch is covered, and its filters by length.",
    ),
}  # fmt: skip
_CLASSIFY = (
    "classify", ":material/upload_file:", "Classify your CSV with it",
    "The class of series of your own.",
)  # fmt: skip


def draw_ways_on(job: Job, spec: JobSpec) -> None:
    """Draw where to go on with the finished model."""
    name = _name_in_catalogue(job, spec)
    if name is None:
        return
    ways = (_VIEWS.get(spec.model, _SEGMENTS), _CLASSIFY)
    grid = st.grid(len(ways), min_column_width=210)
    for page, icon, label, text in ways:
        with grid.container(border=True, height="stretch", gap="xsmall"):
            components.go_to(page, label, icon=icon, dataset=spec.dataset, model=name)
            st.caption(text)


def draw_download(job: Job, spec: JobSpec) -> None:
    """Draw the button that takes the model away."""
    st.download_button(
        "Download",
        lambda: model_zip(job.model_dir, _stem(spec)),
        f"{_stem(spec)}.zip",
        "application/zip",
        key="train_zip",
        help="The model as one zip file: weights (safetensors) and card (JSON)",
        on_click="ignore",
        icon=":material/download:",
    )


def draw_result(job: Job, spec: JobSpec) -> None:
    """Draw what follows the curves of a finished run."""
    if name := _name_in_catalogue(job, spec):
        _mistakes(job, spec, name)
    with st.expander("The same in Python or on the command line", icon=":material/terminal:"):
        st.code(words.command(spec), language="bash")
        st.code(words.snippet(spec, _stem(spec)), language="python")


def _name_in_catalogue(job: Job, spec: JobSpec) -> str | None:
    """Return the model's name where it and its dataset can be selected."""
    name = f"job/{job.id}"
    here = spec.dataset in cache.catalogue().datasets and name in cache.models()
    return name if here else None


def model_zip(folder: Path, stem: str) -> bytes:
    """Return the files of a model's folder as a zip file that unpacks into the folder `stem`."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, f"{stem}/{path.name}")
    return out.getvalue()


def _stem(spec: JobSpec) -> str:
    return safe_file_name(f"{spec.model}-{spec.dataset}-seed{spec.seed}")


def _mistakes(job: Job, spec: JobSpec, name: str) -> None:
    from tscviz.figures.confusion import plot_confusion

    st.subheader("Which classes it mistakes", anchor=False)
    classifier, data = cache.classifier(name), cache.dataset(spec.dataset)
    if not classifier.was_trained_on(data.digest):
        st.info("The dataset has changed since this training; its mistakes are not shown.")
        return
    result = _evaluation(classifier.digest, data.digest, classifier, data)
    true, predicted = pairs(result["confusion"])
    with st.container(width=640):
        components.figure(
            plot_confusion(true, predicted, data.class_names, dark=shell.is_dark()),
            name=f"confusion-{job.id}",
            caption=(
                f"The {result['n_cases']} test cases by true and predicted class. Accuracy "
                f"{components.percent(result['accuracy'])}, mean over the classes "
                f"{components.percent(result['balanced_accuracy'])}."
            ),
            document=lambda: result | {"classes": data.class_names},
        )


def pairs(confusion: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    """Return true and predicted class indices of the cases counted in a confusion matrix."""
    counts = np.asarray(confusion)
    true, predicted = np.indices(counts.shape)
    n = counts.ravel()
    return np.repeat(true.ravel(), n), np.repeat(predicted.ravel(), n)


@st.cache_resource(max_entries=16, show_spinner="Classifying the test set …")
def _evaluation(
    model_digest: str, data_digest: str, _classifier: Classifier, _data: Dataset
) -> dict[str, Any]:
    from tscviz.training import evaluate

    return evaluate(_classifier, _data)
