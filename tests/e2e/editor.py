"""Driving the What-if editor in a browser."""

from __future__ import annotations

import csv
import io

import numpy as np
from playwright.sync_api import Locator, Page, expect

from tests.e2e.browse import download
from tscviz.types import Array

WAIT_MS = 20_000


class Editor:
    """The editor on a page, in time points and shares of the row's height."""

    def __init__(self, page: Page, n_points: int = 150) -> None:
        self.page, self.n_points, self.sent = page, n_points, 0
        self.root: Locator = page.locator(".editor")
        self.plot = page.locator("svg.plot")
        self.latencies: list[int] = []

    def at(self, t: float, share: float, row: int = 0) -> tuple[float, float]:
        """Return the place of a time point and a height (0 is the top) on the screen."""
        left, top, width, height = self.plot.evaluate(
            """(plot, row) => {
                const box = plot.querySelectorAll('.ground')[row].getBoundingClientRect();
                return [box.left, box.top, box.width, box.height];
            }""",
            row,
        )
        return left + width * (t + 0.5) / self.n_points, top + height * share

    def drag(
        self, start: tuple[float, float], end: tuple[float, float], *, edits: bool = True
    ) -> None:
        """Press at one place, move in steps, release at the other; wait for the answer."""
        self.page.mouse.move(*start)
        self.page.mouse.down()
        self.page.mouse.move(*end, steps=6)
        self.page.mouse.up()
        if edits:
            self.answered()

    def answered(self, edits: int = 1) -> None:
        """Wait until Python has answered everything sent so far."""
        self.sent += edits
        expect(self.root).to_have_attribute("data-answered", str(self.sent), timeout=WAIT_MS)
        self.latencies.append(int(self.root.get_attribute("data-latency") or 0))

    def press(self, name: str) -> None:
        """Press a button of the editor that edits."""
        self.root.locator(f"button[data-name='{name}']").click()
        self.answered()

    def table(self) -> dict[str, Array]:
        """Return the downloaded CSV by column."""
        rows = list(csv.DictReader(io.StringIO(download(self.page, "CSV"))))
        return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}
