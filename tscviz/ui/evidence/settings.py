"""The settings of the evidence as a form and as text in the page's link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import streamlit as st

from tscviz.explain.evidence.options import EvidenceOptions
from tscviz.options import OptionInfo, changed_options, describe_options, make_options
from tscviz.ui import page_options
from tscviz.ui.attributions.texts import OptionText
from tscviz.ui.train.fields import draw_fields, fill

PREFIX = "evidence_setting"
#: Chosen above the figure, so not in the form.
APART = ("fill", "control")
GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Curves": ("per", "output", "steps", "share", "n_random", "seed"),
        "Infidelity and max-sensitivity": ("n_samples", "window", "local", "radius", "n_nearby"),
        "Randomised weights": ("order", "draw", "n_draws"),
        "Stability": ("noise", "n_repeats"),
    }
)
#: What the form shows for the one setting that may be open.
_LOCAL = MappingProxyType({None: "as the method is known", True: "a slope", False: "a share"})


@dataclass(frozen=True)
class SettingText(OptionText):
    """Settings that differ from their defaults as text: "n_random:50~seed:3"."""

    method: str = "evidence"
    options: type = EvidenceOptions

    def checked(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return the settings given that differ from their defaults; those of `APART` go."""
        made: Any = make_options(self.options, given, of="the evidence")
        return {k: v for k, v in changed_options(made).items() if k not in APART}


def draw_settings(text: SettingText, changed: dict[str, Any]) -> dict[str, Any]:
    """Draw the fields and return the settings that differ, which are kept in the link."""
    infos = {info.name: _shown(info) for info in describe_options(EvidenceOptions)}
    base = text.defaults() | {"local": _LOCAL[None]}
    written = text.write(changed)
    if st.session_state.get(f"{PREFIX}_written") != written:  # the link changed, not the fields
        given = changed | {"local": _LOCAL[changed.get("local")]}
        fill(tuple(infos.values()), base, given, PREFIX)
    values: dict[str, Any] = {}
    for title, names in GROUPS.items():
        st.markdown(f"**{title}**")
        values |= draw_fields(tuple(infos[name] for name in names), base, PREFIX)
    if "local" in values:
        values["local"] = next(k for k, said in _LOCAL.items() if said == values["local"])
    found = text.checked(values)
    st.session_state[f"{PREFIX}_written"] = text.write(found)
    if found != changed:
        page_options.set_value("evidence", text.write(found))
        page_options.value("evidence", text, "")
    return found


def _shown(info: OptionInfo) -> OptionInfo:
    return replace(info, choices=tuple(_LOCAL.values())) if info.name == "local" else info
