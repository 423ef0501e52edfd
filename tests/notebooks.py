"""Run the notebooks of docs/notebooks in a real kernel: `python -m tests.notebooks` writes them.

Written outputs are what is printed and a picture of each figure, so that they show wherever a
notebook is read; run again, the figures are live.
"""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[1] / "docs" / "notebooks"
NOTEBOOKS = tuple(sorted(path.stem for path in FOLDER.glob("*.ipynb")))
FIGURE = "application/vnd.plotly.v1+json"
#: Plotly's pictures at this width; the height is the figure's own.
WIDTH = 900
#: Captum's progress bars miss a package of Jupyter that nothing here needs.
_QUIET = "import warnings; warnings.filterwarnings('ignore', message='IProgress not found')"
_PICTURES = f"import plotly.io as pio; pio.renderers['png'].width = {WIDTH}"


@contextmanager
def kernel(runtime: Path, renderer: str) -> Iterator[KernelManager]:
    """Give a running Python kernel whose figures show through plotly's `renderer`."""
    os.environ["JUPYTER_RUNTIME_DIR"] = str(runtime)
    variables = os.environ | {
        "PLOTLY_RENDERER": renderer,
        "IPYTHONDIR": str(runtime),
        "MPLBACKEND": "Agg",
        "OMP_NUM_THREADS": "1",
    }
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(env=variables, cwd=str(FOLDER))
    try:
        yield manager
    finally:
        manager.shutdown_kernel(now=True)


def run(name: str, manager: KernelManager, *, before: str = "") -> Any:
    """Run a notebook in a namespace of its own and return it with its outputs."""
    book = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)
    book.cells.insert(0, nbformat.v4.new_code_cell(f"%reset -f\n{_QUIET}\n{before}"))
    client = NotebookClient(book, km=manager, timeout=120)
    client.execute()
    assert client.kc is not None
    client.kc.stop_channels()
    del book.cells[0]
    for i, cell in enumerate(filter(_is_code, book.cells), start=1):
        cell.execution_count = i
        cell.metadata.pop("execution", None)  # when it ran
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = i
    return book


def code_cells(book: Any) -> list[Any]:
    """Return the cells that run."""
    return list(filter(_is_code, book.cells))


def printed(cell: Any) -> str:
    """Return the text that a cell printed and the value it ended with, where it is no figure."""
    parts = [o.text for o in cell.outputs if o.output_type == "stream"]
    shown = [o.data for o in cell.outputs if o.output_type in ("execute_result", "display_data")]
    parts += [data["text/plain"] for data in shown if set(data) == {"text/plain"}]
    return "".join(parts)


def _is_code(cell: Any) -> bool:
    return cell.cell_type == "code"


def _small(output: Any) -> None:
    """Put a picture on white and give it few colours: it shows on a dark page, and is small."""
    from PIL import Image

    if "image/png" not in output.get("data", {}):
        return
    picture = Image.open(io.BytesIO(base64.b64decode(output.data["image/png"]))).convert("RGBA")
    page = Image.new("RGBA", picture.size, "white")
    page.alpha_composite(picture)
    out = io.BytesIO()
    page.convert("RGB").quantize(64).save(out, "PNG", optimize=True)
    output.data = {"image/png": base64.b64encode(out.getvalue()).decode()}


def main() -> None:
    """Run every notebook and write it with its outputs."""
    import tempfile

    from tscviz.figures.export import browser_path

    os.environ.setdefault("BROWSER_PATH", str(browser_path()))  # kaleido does not know all of them
    with tempfile.TemporaryDirectory() as runtime, kernel(Path(runtime), "png") as manager:
        for name in NOTEBOOKS:
            book = run(name, manager, before=_PICTURES)
            for cell in code_cells(book):
                for output in cell.outputs:
                    _small(output)
            nbformat.validate(book)
            path = FOLDER / f"{name}.ipynb"
            path.write_text(nbformat.writes(book, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
