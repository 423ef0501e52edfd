"""Several cases selected at once: the same on all pages, kept by the session and in the link.

A click or a box on a map of cases, a cell of a confusion matrix, or a button selects them; the
sidebar then steps through them on every page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from tscviz.figures.text import count
from tscviz.ui import cache, page_options, state
from tscviz.ui.selection import Selection

#: So many fit into an address.
LIMIT = 1000
_OPTION = "among"
_PICKS = "_tscviz_picks"


@dataclass(frozen=True)
class PickedText:
    """Cases of one split as text: "test.3-9_14.GunPoint".

    Parameters
    ----------
    dataset, split : str
    n_cases : int
        Of the split.
    """

    dataset: str
    split: str
    n_cases: int

    def __contains__(self, text: object) -> bool:
        """Tell whether the text names cases of this split that exist."""
        return isinstance(text, str) and bool(self.read(text))

    def read(self, text: str) -> list[int]:
        """Return the cases in a text, rising, each once; none where it is of another split."""
        parts = text.split(".", 2)
        if len(parts) != 3 or parts[0] != self.split or parts[2] != self.dataset:
            return []
        found: set[int] = set()
        for part in parts[1].split("_"):
            first, _, last = part.partition("-")
            ends = [self._index(end) for end in (first, last or first)]
            if ends[0] is None or ends[1] is None or ends[0] > ends[1]:
                return []
            found.update(range(ends[0], ends[1] + 1))
        return sorted(found)[:LIMIT]

    def write(self, case_idx: Iterable[int]) -> str:
        """Return cases as text, "" for none."""
        runs: list[list[int]] = []
        for i in sorted(set(case_idx))[:LIMIT]:
            if runs and i == runs[-1][1] + 1:
                runs[-1][1] = i
            else:
                runs.append([i, i])
        spans = [str(a) if a == b else f"{a}-{b}" for a, b in runs]
        return f"{self.split}.{'_'.join(spans)}.{self.dataset}" if runs else ""

    def _index(self, text: str) -> int | None:
        known = text.isascii() and text.isdigit() and len(text) < 10 and int(text) < self.n_cases
        return int(text) if known else None


def picked(selection: Selection) -> list[int]:
    """Return the cases selected in the split on the page, rising; the link follows."""
    texts = _texts(selection)
    return texts.read(page_options.value(_OPTION, texts, ""))


def pick(selection: Selection, case_idx: Sequence[int], source: str = "") -> None:
    """Select cases instead of those selected so far, from a callback.

    Parameters
    ----------
    selection : Selection
        Says of which split.
    case_idx : sequence of int
        None of them: nothing is selected any more. The first `LIMIT` are taken.
    source : str
        The figure they were selected in; what is selected in others is then forgotten.
    """
    page_options.set_value(_OPTION, _texts(selection).write(case_idx))
    counts: dict[str, int] = st.session_state.setdefault(_PICKS, {})
    counts[source] = counts.get(source, 0) + 1


def generation(source: str) -> int:
    """Return how often cases were selected elsewhere than in the figure `source`."""
    counts: Mapping[str, int] = st.session_state.get(_PICKS, {})
    return sum(counts.values()) - counts.get(source, 0)


def step(case: int, case_idx: Sequence[int], by: int) -> int:
    """Return the selected case before (-1) or after (1) `case`, round the ends."""
    if by > 0:
        return next((i for i in case_idx if i > case), case_idx[0])
    return next((i for i in reversed(case_idx) if i < case), case_idx[-1])


def draw_stepper(selection: Selection) -> None:
    """Draw, in the sidebar, how many cases are selected and buttons to step through them."""
    found = picked(selection)
    if not found:
        return
    at = f"{found.index(selection.case) + 1} of " if selection.case in found else ""
    st.caption(f"{at}{count(len(found), 'selected case')}")
    with st.container(key="picked", horizontal=True, gap="small"):
        for by, label in ((-1, "Previous"), (1, "Next")):
            st.button(
                label, key=f"picked_{label.lower()}", on_click=state.select,
                kwargs={"case": step(selection.case, found, by)},
            )  # fmt: skip
        st.button(
            "Clear", key="picked_clear", type="tertiary", on_click=pick, args=(selection, ()),
        )  # fmt: skip


def _texts(selection: Selection) -> PickedText:
    shape = cache.shape_of(selection.dataset)
    return PickedText(selection.dataset, selection.split, shape.n_cases(selection.split))
