"""Counterfactuals: what would have to be different for another answer."""

from tscviz.explain.counterfactual.registry import (
    CounterfactualMethod,
    counterfactual,
    counterfactual_methods,
)
from tscviz.explain.counterfactual.result import Closeness, Counterfactual

__all__ = [
    "Closeness",
    "Counterfactual",
    "CounterfactualMethod",
    "counterfactual",
    "counterfactual_methods",
]
