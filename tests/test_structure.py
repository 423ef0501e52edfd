"""Promises about the whole code that the linters cannot check."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PRODUCT = sorted([ROOT / "app.py", *ROOT.glob("tscviz/**/*.py"), *ROOT.glob("pages/*.py")])
PAGES = sorted(ROOT.glob("pages/*.py"))
CODE = sorted([*PRODUCT, *ROOT.glob("tests/**/*.py"), *ROOT.glob("benchmarks/**/*.py")])


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def run_python(code: str) -> str:
    """Run `code` in a fresh interpreter at the repository's root and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def without(*modules: str) -> str:
    """Return code after which importing any of `modules` raises ImportError."""
    return f"import sys; sys.modules.update(dict.fromkeys({modules!r}));"


@pytest.mark.parametrize("package", ["types", "kernels", "models", "training", "data"])
def test_imports_on_a_bare_machine(package: str) -> None:
    heavy = ("streamlit", "plotly", "captum", "aeon", "pandas", "sklearn", "matplotlib", "pyarrow")
    run_python(without(*heavy) + f"import tscviz.{package}")


def test_importing_tscviz_is_light() -> None:
    code = "import sys, json, tscviz; print(json.dumps(sorted(sys.modules)))"
    loaded = set(json.loads(run_python(code)))
    assert not loaded & {"torch", "numba", "pandas", "streamlit", "plotly", "captum", "aeon"}


def test_landing_page_needs_no_torch() -> None:
    code = """
import sys, json
from streamlit.testing.v1 import AppTest
page = AppTest.from_file("tscviz/ui/main.py", default_timeout=60).run()
assert not page.exception, page.exception
print(json.dumps([page.title[0].value, sorted(sys.modules)]))
"""
    title, loaded = json.loads(run_python(code))
    assert title
    assert not set(loaded) & {"torch", "numba", "captum", "sklearn"}


@pytest.mark.parametrize("path", CODE, ids=_name)
def test_files_stay_readable(path: Path) -> None:
    assert _lines(path) <= 400, "split this file"


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_pages_stay_short(path: Path) -> None:
    assert _lines(path) <= 150, "move the logic of this page into tscviz"


def _calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


@pytest.mark.parametrize("path", PRODUCT, ids=_name)
def test_nothing_unpickles_or_writes_raw_html(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for name, call in _calls(tree):
        keywords = {k.arg: ast.unparse(k.value) for k in call.keywords}
        assert "unsafe_allow_html" not in keywords, f"line {call.lineno}"
        assert keywords.get("allow_pickle", "False") == "False", f"line {call.lineno}"
        assert name not in {"torch.load", "torch.save", "st.html", "eval", "exec"}, call.lineno
        if name in {"np.load", "numpy.load"}:
            assert keywords.get("allow_pickle") == "False", f"line {call.lineno}: say so"
    imported = {
        a.name.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names
    }
    assert not imported & {"pickle", "cloudpickle", "dill", "shelve", "marshal"}


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_pages_do_no_numerics(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    modules = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    modules |= {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert not {m.split(".")[0] for m in modules} & {"torch", "numba", "scipy", "sklearn", "captum"}


def test_requirements_are_pinned_and_name_no_gpu_packages() -> None:
    for name in (
        "requirements.txt",
        "requirements-cluster.txt",
        "requirements-dev.txt",
        "constraints.txt",
    ):
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
            if line and not line.startswith(("#", "-r ")):
                assert "==" in line, f"{name}: {line}"
                assert not line.startswith(("nvidia", "triton")), f"{name}: {line}"
                assert "+" not in line, f"{name}: {line} has a local version"


def test_constraints_agree_with_requirements() -> None:
    pins = dict(_pins("constraints.txt"))
    for file in ("requirements.txt", "requirements-cluster.txt", "requirements-dev.txt"):
        for name, version in _pins(file):
            assert pins[name] == version, f"{file}: {name}"


def _pins(file: str) -> Iterator[tuple[str, str]]:
    for line in (ROOT / file).read_text(encoding="utf-8").splitlines():
        name, found, version = line.partition("==")
        if found:
            yield name.split("[")[0].lower().replace("_", "-"), version
