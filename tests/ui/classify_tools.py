"""Files to classify, and what the page Classify answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest

from tscviz.data import load_dataset, prepare
from tscviz.models import load_model

SaveJob = Callable[[str, str], str]
MODEL = "dtp-fcn/GunPoint"
JOB = "00112233445566ff"


def rows_of(
    name: str,
    n: int,
    *,
    labels: tuple[str, ...] | None = None,
    sep: str = ",",
    decimal: str = ".",
    step: int = 1,
) -> list[str]:
    """Return a header and the first test cases of a dataset with one channel, in another unit."""
    data = load_dataset(name)
    rows = [sep.join(["class", *(f"t{t}" for t in range(0, data.length, step))])]
    for i in range(n):
        label = labels[i % len(labels)] if labels else data.class_names[data.y_test[i]]
        values = (f"{2.5 * v + 7:.5f}".replace(".", decimal) for v in data.X_test[i, 0, ::step])
        rows.append(sep.join([label, *values]))
    return rows


def gun_csv(n: int = 6, labels: tuple[str, ...] | None = None, **form: Any) -> list[str]:
    """Return rows of GunPoint's test split."""
    return rows_of("GunPoint", n, labels=labels, **form)


def motions_csv() -> bytes:
    """Return two BasicMotions cases in long form."""
    data = load_dataset("BasicMotions")
    rows = ["case,label,time," + ",".join(f"ch{c}" for c in range(6))]
    for i in (0, 20):
        label = data.class_names[data.y_test[i]]
        rows += [
            f"m{i},{label},{t}," + ",".join(f"{v:.5g}" for v in data.X_test[i, :, t])
            for t in range(100)
        ]
    return "\n".join(rows).encode()


def upload(app: AppTest, content: bytes | list[str], name: str = "mine.csv") -> AppTest:
    """Drop a file."""
    data = content if isinstance(content, bytes) else "\n".join(content).encode()
    app.file_uploader[0].set_value((name, data, "text/csv")).run()
    assert not app.exception
    return app


def answer(app: AppTest) -> str:
    """Return the main sentence, without the backslashes of Markdown."""
    found = [h.value for h in app.subheader if h.value.startswith("Class ")]
    return re.sub(r"\\(.)", r"\1", found[0]) if found else ""


def plain(texts: Iterable[Any]) -> str:
    """Return the texts of alerts or captions as they are shown."""
    return re.sub(r"\\(.)", r"\1", " ".join(element.value for element in texts))


def result_frame(app: AppTest) -> Any:
    """Return the table of all series."""
    return app.dataframe[-1].value


def expected(n: int) -> tuple[list[str], np.ndarray]:
    """Return classes and probabilities of the first test cases, computed without the page."""
    data, model = load_dataset("GunPoint"), load_model(MODEL)
    X = np.round(2.5 * data.X_test[:n].astype(np.float64) + 7, 5)
    proba = model.predict_proba(prepare(X, None, model.preparation).X)
    return [model.classes[k] for k in proba.argmax(1)], proba.max(1)
