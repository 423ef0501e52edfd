"""What a page needs of the model, and what stands there where the model cannot give it."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from tscviz.titles import title_of
from tscviz.ui import cache, state
from tscviz.ui.components.cards import go_to
from tscviz.ui.escape import escape_markdown
from tscviz.ui.selection import Selection


@dataclass(frozen=True)
class Need:
    """What one page needs of a model.

    Parameters
    ----------
    offers : str
        Word of `tscviz.models.SeriesModule.offers`.
    lacks : str
        What a model without it lacks: "no sparse layers". Ends "DTP-FCN has ...".
    text : str
        One sentence: which models have it. Markdown.
    architectures : tuple of str
        Architectures that offer it, the one to train first.
    """

    offers: str
    lacks: str
    text: str
    architectures: tuple[str, ...]

    def met(self, selection: Selection) -> bool:
        """Return True where the selected model offers it; else say why not, and offer one."""
        if selection.model is None:
            self._offer(f"No model for {selection.dataset} yet", selection)
            return False
        if self.offers in cache.classifier(selection.model).module.offers:
            return True
        entry = cache.models()[selection.model]
        self._offer(f"{entry.label} has {self.lacks}", selection)
        return False

    def fitting(self, selection: Selection) -> tuple[str, ...]:
        """Return the models of the dataset that offer it, the most wanted first."""
        models = cache.models()
        names = cache.catalogue().models_for(selection.dataset, self.architectures)
        return tuple(n for n in names if models[n].architecture in self.architectures)

    def _offer(self, title: str, selection: Selection) -> None:
        names = self.fitting(selection)
        with st.container(border=True, horizontal_alignment="center"):
            st.markdown(f"##### {escape_markdown(title)}", text_alignment="center", anchors=False)
            st.markdown(f":gray[{self.text}]", text_alignment="center")
            with st.container(horizontal=True, horizontal_alignment="center"):
                for name in names[:3]:
                    st.button(
                        f"Show {escape_markdown(cache.models()[name].label)}",
                        key=f"need_{name}",
                        type="primary" if name == names[0] else "secondary",
                        on_click=state.select,
                        kwargs={"model": name},
                    )
            if not names:
                first = self.architectures[0]
                go_to(
                    "train", f"Train {title_of(first)}", icon=":material/model_training:",
                    width="content", job="new", architecture=first,
                )  # fmt: skip
