"""The pages of documentation can be typed in from the top; public functions tell what they take."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
#: Package -> its functions whose docstrings are looked at; None: all that take something.
TOLD: dict[str, tuple[str, ...] | None] = {
    "tscviz.explain": None,
    "tscviz.explain.counterfactual": None,
    "tscviz.explain.evidence": None,
    "tscviz.models": ("module_cost", "load_record", "read_card", "model_entry"),
    "tscviz.training": ("split_options",),
    "tscviz.training.sweep": ("plan_sweep", "open_sweep"),
    "tscviz.data": ("planted_name", "planted_problem"),
}
PAGES = sorted([ROOT / "README.md", *ROOT.glob("docs/*.md")])


def blocks(page: Path) -> list[str]:
    return re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


def lint(code: str, *options: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format=concise",
         *options, "-"],
        cwd=ROOT, input=code, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    return done.stdout if done.returncode else ""


@pytest.mark.parametrize("page", [p for p in PAGES if blocks(p)], ids=lambda p: p.stem)
def test_every_name_in_the_code_of_a_page_is_defined_above_it(page: Path) -> None:
    assert lint("\n".join(blocks(page)), "--isolated", "--select=E9,F821") == ""


def test_the_example_of_a_page_passes_the_projects_own_lint() -> None:
    example = blocks(ROOT / "docs" / "pages.md")[0]
    assert "shell.page_header(" in example
    assert lint(example, "--stdin-filename=pages/amplitudes.py") == ""


def functions() -> list[str]:
    found = []
    for package, names in TOLD.items():
        module = import_module(package)
        for name in names or module.__all__:
            made = getattr(module, name)
            if inspect.isfunction(made) and inspect.signature(made).parameters:
                found.append(f"{package}:{name}")
    return found


@pytest.mark.parametrize("name", functions())
def test_a_public_function_tells_of_everything_it_takes(name: str) -> None:
    package, _, attribute = name.partition(":")
    function = getattr(import_module(package), attribute)
    told = inspect.cleandoc(function.__doc__ or "")
    assert "Parameters\n----------\n" in told
    takes = told.split("Parameters\n----------\n")[1].split("\n\n")[0]
    headings = re.findall(r"^(\S.*?)(?: : .*)?$", takes, re.MULTILINE)
    listed = {word.strip(" *") for heading in headings for word in heading.split(",")}
    assert listed >= set(inspect.signature(function).parameters)
