"""What a run over many cases has found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from tscviz.figures import plot_mean_deletion_insertion
from tscviz.titles import title_of
from tscviz.ui import cache, components, shell
from tscviz.ui.attributions.data import known
from tscviz.ui.downloads import download_row
from tscviz.ui.escape import escape_markdown
from tscviz.ui.evidence import data, tables, words

if TYPE_CHECKING:
    from tscviz.explain.evidence import CasesEvidence
    from tscviz.explain.evidence.intervals import Estimate
    from tscviz.ui.evidence.many import Kept

_BANDS = (
    "Bands: 95 % bootstrap intervals over cases (2000 resamples). Gain: the area won over "
    "random maps; positive is better."
)


def draw(kept: Kept, others: Sequence[Kept]) -> None:
    """Draw the sentence, the mean curves and the tables of a run.

    Parameters
    ----------
    kept : Kept
        At least one case is done.
    others : sequence of Kept
        Every run of the session: those that asked the same of another method stand beside it.
    """
    asked, found = kept.asked, kept.run.found()
    chosen = asked.selection
    if found.sentence is not None:
        head, between, rest = found.sentence.partition(" Over the whole curves")
        st.markdown(f"**{escape_markdown(head)}** {escape_markdown(between + rest)}")
    if found.stopped and not kept.active:
        st.caption(f"Stopped: {len(found.cases)} of {found.n_asked} cases are in these figures.")
    if found.n_left_out:
        st.caption(
            f"Left out: {found.n_left_out} of the sample, explained for the very class that is "
            "subtracted."
        )
    if found.n_short:
        st.caption(
            f"Left out: {found.n_short} of the sample, of which fewer than two time points were "
            "measured."
        )
    name = f"{chosen.model}-{chosen.split}-{asked.method}-cases"
    title = known()[asked.method].title
    fig = plot_mean_deletion_insertion(found, method=title, dark=shell.is_dark())
    means = tables.mean_table(found.estimates)
    components.figure(
        fig, name=name, table=means, document=lambda: _document(kept, found),
        caption=None if kept.active else _BANDS, downloads=not kept.active,
    )  # fmt: skip
    if kept.active:
        return  # tables would only flicker
    _draw_methods(kept, others)
    with st.expander("All figures with their intervals", icon=":material/table:"):
        st.dataframe(tables.shown(means), hide_index=True)
    with st.expander("Every case", icon=":material/table_rows:"):
        classes = cache.dataset(chosen.dataset).class_names
        table = tables.case_table(found, classes)
        st.dataframe(tables.shown(table), hide_index=True)
        download_row(f"{name}-each", table=table)


def _draw_methods(kept: Kept, others: Sequence[Kept]) -> None:
    """Show the methods that were asked the same in this session beside each other."""
    rows = comparable(kept, others)
    if len(rows) < 2:
        st.caption(
            "Choose another method and judge it, too, by the same cases and for the same classes: "
            "the two then stand side by side here."
        )
        return
    rows.sort(key=lambda row: -row[1].estimates["deletion_gain"].mean)
    table: dict[str, list[Any]] = {
        "method": [known()[one.asked.method].title for one, _ in rows],
        "options": [", ".join(f"{k}={v}" for k, v in one.asked.options.items()) for one, _ in rows],
        "model": [_model(one) for one, _ in rows],
    }
    for key in ("deletion_gain", "insertion_gain", "without_top"):
        column = [found.estimates[key] for _, found in rows]
        table[words.FIGURES[key]] = [e.mean for e in column]
        table[f"{words.FIGURES[key]}, 95 %"] = [_interval(e) for e in column]
    table["cases"] = [len(found.cases) for _, found in rows]
    st.markdown("**Judged in this session, by the same cases and settings**")
    st.dataframe(tables.shown(table), hide_index=True)
    download_row(f"{kept.asked.selection.dataset}-methods-judged", table=table)


def comparable(kept: Kept, others: Sequence[Kept]) -> list[tuple[Kept, CasesEvidence]]:
    """Return the runs that asked the same of the very cases of `kept`, for the same classes.

    A run that was stopped has fewer cases, and another model may see other classes in them.
    """
    same = [one for one in others if one.run.done and _question(one) == _question(kept)]
    rows, own = [(one, one.run.found()) for one in same], kept.run.found()
    return [row for row in rows if _judged(row[1]) == _judged(own)]


def _judged(found: CasesEvidence) -> tuple[list[int], ...]:
    """Return the cases of a run, with the class explained and the one subtracted in each."""
    against = [] if found.against is None else found.against.tolist()
    return found.cases.tolist(), found.targets.tolist(), against


def _interval(estimate: Estimate) -> str:
    """Return the bounds of a mean; a dash where there are none, as for a single case."""
    if np.isnan([estimate.low, estimate.high]).any():
        return "–"
    return f"{estimate.low:.3f} to {estimate.high:.3f}"


def _model(one: Kept) -> str:
    return title_of(str(one.run.classifier.card.get("model")))


def _question(one: Kept) -> tuple[Any, ...]:
    """Return what two runs must share to be compared."""
    chosen, run = one.asked.selection, one.run
    return (
        chosen.dataset, chosen.split, run.n_asked, str(run.target), run.against,
        data.settings_key(one.asked.settings, ("curves",)),
    )  # fmt: skip


def _document(kept: Kept, found: CasesEvidence) -> dict[str, Any]:
    return tables.document(kept.asked, None, stopped=found.stopped, cases=found)
