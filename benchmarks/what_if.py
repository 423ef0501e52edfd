"""What if: time from the release of the pointer to the answer, in a real browser.

    python benchmarks/what_if.py [--models dtp-fcn/GunPoint ...] [--drags 20]

One server, one page a model, a case of its dataset with the map that the page opens with. Each drag
moves a stretch of the series; the editor notes the milliseconds until probability, segments and map
of the edited series are drawn. Median (least to greatest); the first drags load what is needed and
are told apart.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from statistics import median

from playwright.sync_api import sync_playwright

from tests.e2e.browse import goto, launch
from tests.e2e.editor import Editor
from tests.e2e.server import Server
from tscviz import load_dataset

MODELS = ("dtp-fcn/GunPoint", "dtp-resnet/GunPoint", "dsn/GunPoint", "alstm-fcn/GunPoint",
          "convtimenet/GunPoint", "dtp-fcn/BasicMotions")  # fmt: skip
WARM_UP = 3


def latencies(editor: Editor, drags: int) -> list[int]:
    """Drag points up and down along the first channel; return milliseconds."""
    first, last = 0.15 * editor.n_points, 0.85 * editor.n_points
    for i in range(WARM_UP + drags):
        t = first + (last - first) * (i % 7) / 6
        editor.drag(editor.at(t, 0.5), editor.at(t, 0.3 if i % 2 else 0.7))
    return editor.latencies


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Release of the pointer to the answer.")
    parser.add_argument("--models", nargs="*", default=list(MODELS))
    parser.add_argument("--drags", type=int, default=20)
    arguments = parser.parse_args()
    print(f"{'model':24} first   median (least to greatest), ms")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder)).start()
        browser = launch(playwright)
        for model in arguments.models:
            dataset = model.split("/")[1]
            page = browser.new_page(viewport={"width": 1440, "height": 1200})
            goto(page, f"{server.url}/what-if?dataset={dataset}&model={model}&case=3")
            editor = Editor(page, load_dataset(dataset).X_test.shape[2])
            found = latencies(editor, arguments.drags)
            warm = sorted(found[WARM_UP:])
            print(f"{model:24} {found[0]:5}   {median(warm):6.0f} ({warm[0]} to {warm[-1]})")
            page.close()
        browser.close()
        server.stop()


if __name__ == "__main__":
    main()
