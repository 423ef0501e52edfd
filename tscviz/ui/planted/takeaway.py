"""The same away from the browser: in Python and on the command line."""

from __future__ import annotations

import streamlit as st

from tscviz.training.jobs import JobSpec
from tscviz.ui.train.words import command

_CODE = """\
import numpy as np
import tscviz
from tscviz.data import planted_problem, prepare
from tscviz.explain.localisation import localisations

made = planted_problem("{name}")
data = made.dataset
classifier = tscviz.train(data, "{model}", preset="{preset}", seed={seed}, epochs={epochs})
ready = prepare(data.X_test, data.mask_test, classifier.preparation_for(data.digest))
right = np.flatnonzero(classifier.predict(ready.X, ready.mask) == data.y_test)[:20]
maps = np.stack([
    tscviz.explain(
        classifier, ready.X[i], "integrated_gradients",
        target=int(data.y_test[i]), mask=ready.mask[i],
    ).values
    for i in right
])
found = localisations(maps, made.truth_test[right], ready.mask[right])
print(found.mean("average_precision"), found.mean("pointing"))
"""


def code(spec: JobSpec) -> str:
    """Return Python that plants, trains and scores one method as the page does."""
    return _CODE.format(
        name=spec.dataset, model=spec.model, preset=spec.preset, seed=spec.seed,
        epochs=spec.options["epochs"],
    )  # fmt: skip


def draw(spec: JobSpec) -> None:
    """Offer both, folded."""
    with st.expander("The same in Python or on the command line", icon=":material/terminal:"):
        st.caption("The name of the dataset holds the whole problem; every command takes it.")
        st.code(command(spec), language="bash")
        st.code(code(spec), language="python")
