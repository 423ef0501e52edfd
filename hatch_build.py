"""Build hook: what lies beside the package in the repository lies inside it in the wheel."""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUNDLE = ("app.py", "pages", "pretrained", "benchmarks/results", ".streamlit/config.toml")


class BundleHook(BuildHookInterface):
    """Put the app, its pages and the pretrained models under tscviz/_bundle."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the files; an editable install uses those of the repository itself."""
        if version == "standard":
            build_data["force_include"].update({name: f"tscviz/_bundle/{name}" for name in BUNDLE})
