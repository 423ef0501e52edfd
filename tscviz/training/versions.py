"""What a card says about the software that made a model."""

from __future__ import annotations

import platform

import numpy as np
import safetensors
import torch

import tscviz


def package_versions() -> dict[str, str]:
    """Return the versions, by name, of all that takes part in training."""
    return {
        "tscviz": tscviz.__version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "safetensors": safetensors.__version__,
    }
