"""The tabs of the evidence page about one map: each part is gathered when its tab is opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import streamlit as st

from tscviz.explain.evidence.orders import CONTROLS
from tscviz.figures import (
    ComparisonColumn,
    MapRow,
    plot_agreement,
    plot_comparison,
    plot_randomisation,
)
from tscviz.types import Attribution
from tscviz.ui import cache, components, page_options, shell
from tscviz.ui.attributions import data as maps
from tscviz.ui.attributions import links
from tscviz.ui.downloads import download_row
from tscviz.ui.escape import escape_markdown
from tscviz.ui.evidence import controls, data, tables, words
from tscviz.ui.evidence.data import Asked
from tscviz.ui.inside.case import InsideCase
from tscviz.ui.inside.controls import stem

ALIKE = {"correlation": "rank correlation", "overlap": "overlap of the top points"}


@dataclass(frozen=True, eq=False)
class Judged:
    """A map that is judged.

    Parameters
    ----------
    asked : Asked
    one : InsideCase
    attribution : Attribution
    """

    asked: Asked
    one: InsideCase
    attribution: Attribution

    def stem(self, what: str) -> str:
        """Return the start of the names of downloads."""
        return f"{stem(self.asked.selection)}-{self.asked.method}-{what}"

    def document(self, **found: object) -> dict[str, object]:
        """Return a result with everything that led to it."""
        return tables.document(self.asked, self.attribution, **found)


def draw_map(judged: Judged) -> None:
    """Show the map under the series, and the series without the map's top points."""
    from tscviz.explain.evidence import without_top

    asked, case = judged.asked, judged.one.case
    subject, found = data.subject(asked), data.curves(asked, judged.attribution)
    less = np.full(case.x.shape, np.nan, np.float32)
    less[:, : len(subject.counted)] = without_top(subject, judged.attribution, asked.settings)
    filled = cache.case(asked.selection).filled
    column = ComparisonColumn(
        case.x, [MapRow(words.title(asked), "", judged.attribution)], mask=case.mask,
        interpolated=filled if filled.any() else None,
        overlays={f"without the top {found.n_top} points": less},
    )  # fmt: skip
    fig = plot_comparison(
        [column], class_name=judged.one.labels[judged.one.target], dark=shell.is_dark()
    )
    components.figure(
        fig,
        name=judged.stem("map"),
        caption=(
            f"Thin line: the case without the map's top {found.n_top} points, of which the "
            "sentence above speaks. Deleted points become: "
            f"{controls.fill_title(found.fill).lower()}."
        ),
        document=lambda: judged.document(less=less),
    )
    _to_attributions(asked, [asked.method])


def draw_measures(judged: Judged) -> None:
    """Show infidelity and max-sensitivity."""
    asked, attribution = judged.asked, judged.attribution
    foretold = data.part(asked, attribution, "infidelity").infidelity
    moved = data.part(asked, attribution, "sensitivity").sensitivity
    if foretold is None or moved is None:
        return
    components.stat_tiles(
        {
            "Infidelity": (
                f"{foretold.relative:.2f}",
                "Divided by that of a map of zeros: 0 foretells every fall of the score, 1 none.",
            ),
            "Max-sensitivity": (f"{moved.value:.2f}", "Largest change, in units of the map."),
        }
    )
    st.markdown(f"{words.infidelity(foretold)}  \n{words.sensitivity(moved)}")
    kind = "a slope, multiplied by the change of the input" if foretold.local else "a share"
    st.caption(
        f"Yeh et al. (2019), by captum.metrics. The map is taken as {kind}; replaced points become "
        f"{controls.fill_title(foretold.fill).lower()}. Infidelity as Captum gives it: "
        f"{foretold.value:.4g}."
    )
    table = {
        "figure": ["infidelity (relative)", "infidelity", "max-sensitivity"],
        "value": [foretold.relative, foretold.value, moved.value],
    }
    download_row(
        judged.stem("measures"), table=table,
        document=lambda: judged.document(infidelity=foretold, sensitivity=moved),
    )  # fmt: skip


def draw_weights(judged: Judged) -> None:
    """Show how much of the map is left when layers are made random."""
    found = data.part(judged.asked, judged.attribution, "randomisation").randomisation
    if found is None:
        return
    st.markdown(words.randomisation(found, judged.asked))
    fig = plot_randomisation(found, method=words.title(judged.asked), dark=shell.is_dark())
    components.figure(
        fig,
        name=judged.stem("randomised"),
        caption=(
            f"Adebayo et al. (2018). Bars: mean of {len(found.correlation)} random networks; dots: "
            f"each. Weights are {escape_markdown(found.draw)}. The network is a clone: yours stays "
            "as it is."
        ),
        document=lambda: judged.document(randomisation=found),
    )


def draw_stability(judged: Judged) -> None:
    """Show how alike the map stays under noise and with other seeds."""
    found = data.part(judged.asked, judged.attribution, "stability").stability
    if found is None:
        return
    st.markdown(words.stability(found))
    table = tables.stability_table(found)
    st.dataframe(tables.shown(table), hide_index=True)
    download_row(
        judged.stem("stability"), table=table, document=lambda: judged.document(stability=found)
    )


def draw_agreement(judged: Judged) -> None:
    """Show how alike the maps of the quick methods and of the model itself are."""
    found = data.agreement(judged.asked, judged.attribution)
    if found is None:
        st.info("No other quick method applies to this model, so there is nothing to compare.")
        return
    st.markdown(words.agreement(found, judged.asked))
    titles = {name: about.title for name, about in maps.known().items()}
    show = page_options.segmented(
        "matrix", "Likeness", tuple(ALIKE), "correlation", ALIKE.__getitem__
    )
    components.figure(
        plot_agreement(found, titles=titles, show=show, dark=shell.is_dark()),
        name=judged.stem("agreement"),
        caption=(
            "Agreement is no proof: methods may share a flaw. Where one of "
            "two maps has no sign, absolute values are compared. The other methods run with their "
            "default options."
        ),
        document=lambda: judged.document(agreement=found),
    )
    _to_attributions(judged.asked, found.names)


def _to_attributions(asked: Asked, methods: Sequence[str]) -> None:
    """Draw a link to these maps on one time axis."""
    params = links.attributions_params(
        asked.selection, methods, against=asked.against, baseline=asked.baseline,
        options={asked.method: asked.options},
    )  # fmt: skip
    many = "These maps" if len(methods) > 1 else "This map"
    components.go_to(
        "attributions", f"{many} on one time axis with the model's own view",
        icon=":material/stacks:", width="content", **params,
    )  # fmt: skip


def draw_choices(judged: Judged) -> None:
    """Show what the curves say under every fill and both kinds of random maps."""
    rows, ways = [], list(product(controls.fills(), CONTROLS.items()))
    with components.progress("Curves of all choices") as tell:
        for fill, (control, about) in ways:
            asked = judged.asked.held(fill=fill, control=control)
            found = data.curves(asked, judged.attribution)
            rows.append((controls.fill_title(fill), about.title, found))
            tell(len(rows), len(ways))
    table = {
        "deleted points become": [fill for fill, _, _ in rows],
        "held against": [control for _, control, _ in rows],
        "without the top": [found.without_top for _, _, found in rows],
        "at random": [found.without_random for _, _, found in rows],
        "with all replaced": [found.empty for _, _, found in rows],
        "deletion gain": [found.deletion.gain for _, _, found in rows],
        "deletion": [found.deletion.verdict for _, _, found in rows],
        "insertion gain": [found.insertion.gain for _, _, found in rows],
        "insertion": [found.insertion.verdict for _, _, found in rows],
    }
    both = [found.deletion.verdict == found.insertion.verdict == "better" for *_, found in rows]
    st.markdown(
        f"**Better than random under {sum(both)} of {len(both)} choices,** deleting and inserting. "
        "Where the verdicts differ, trust none of them alone."
    )
    st.dataframe(tables.shown(table), hide_index=True, height="content")
    gone = cache.case(judged.asked.selection).proba[judged.one.target]
    st.caption(
        "Gain: the area won over random maps; positive is better. A fill that alone still looks "
        f"like the class (with all replaced near {float(gone):.2f}) bends every curve."
    )
    download_row(judged.stem("choices"), table=table, document=lambda: judged.document(rows=table))
