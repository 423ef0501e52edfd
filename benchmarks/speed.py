"""What the benchmarks of speed share: options, the machine, the file of results."""

from __future__ import annotations

import argparse
import json
import platform
from pathlib import Path
from typing import Any

# isort: off
import tscviz  # noqa: F401 - first: it says how long torch's threads wait for work
import torch
# isort: on


def parser(doc: str | None) -> argparse.ArgumentParser:
    """Return a parser with the options of every benchmark; its text is the first line of `doc`."""
    found = argparse.ArgumentParser(description=(doc or "").split("\n", maxsplit=1)[0])
    found.add_argument("--threads", type=int, help="threads of every contender (all cores)")
    found.add_argument("--json", type=Path, help="also write the results to this file")
    return found


def machine() -> dict[str, Any]:
    """Say what it was measured on."""
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "machine": platform.machine(),
    }


def save(path: Path | None, rows: list[dict[str, Any]], **more: Any) -> None:
    """Write results and machine as JSON; no path, no file."""
    if path is not None:
        text = json.dumps({"machine": machine(), **more, "rows": rows}, indent=1)
        path.write_text(text + "\n", encoding="utf-8")
