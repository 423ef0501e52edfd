"""Explanations: the models' own views and post-hoc attributions, behind one contract.

The package can be called: ``tscviz.explain(classifier, x, method)`` is `tscviz.explain.explain`.
"""

import sys
from types import ModuleType
from typing import Any

from tscviz.explain.cam import class_activation, scale_01
from tscviz.explain.registry import Explainer, ExplainError, explain, methods
from tscviz.explain.segmentation import (
    boundaries_of,
    class_weights,
    prototypes,
    segment,
)
from tscviz.types import Attribution


class _CallableModule(ModuleType):
    # Importing a submodule rebinds `tscviz.explain` from the function to the package.
    def __call__(self, *args: Any, **options: Any) -> Attribution:
        """Explain one case; see `tscviz.explain.explain`."""
        return explain(*args, **options)


sys.modules[__name__].__class__ = _CallableModule

__all__ = [
    "ExplainError",
    "Explainer",
    "boundaries_of",
    "class_activation",
    "class_weights",
    "explain",
    "methods",
    "prototypes",
    "scale_01",
    "segment",
]
