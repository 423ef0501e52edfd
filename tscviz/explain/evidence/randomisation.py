"""Whether the map changes when the network is destroyed (Adebayo et al., NeurIPS 2018).

The weights are made random layer by layer, from the head down to the input, and the map is made
again at each stage. A map that stays as it was does not show what the network has learned.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from tscviz.explain.evidence.draws import DRAWS, ORDERS
from tscviz.explain.evidence.likeness import rank_correlation
from tscviz.explain.evidence.options import EvidenceOptions
from tscviz.explain.evidence.subject import Pace, Subject, check_map, features_of
from tscviz.explain.private import private, score_of, tensor_of
from tscviz.models.base import SeriesModule
from tscviz.models.classifier import Classifier
from tscviz.types import Array, Attribution


@dataclass(frozen=True, eq=False)
class Randomisation:
    """How much of a map is left when layers are made random.

    Parameters
    ----------
    layers : tuple of str
        As the network names them, from the head down to the input.
    weights : tuple of int
        Of each layer.
    order : str
        "cascading": a stage is random from the head down to its layer; "independent": only there.
    draw : str
        What became of the weights; see `tscviz.explain.evidence.draws.DRAWS`.
    correlation : float64 array, shape (n_draws, n_layers)
        Rank correlation of the map with the original; NaN where the map became flat.
    magnitude : float64 array, shape (n_draws, n_layers)
        The same of the absolute values: a random head may only turn a map's sign.
    kept_class : float64 array, shape (n_layers,)
        Share of the draws in which the network still predicts the class it predicted before.
    left : float
        What is left of the map at the last stage: the larger of the two correlations, each its
        mean over the draws, at least 0; a flat map counts as 0. Cascading: where everything is
        random. Independent: the largest over the layers.
    """

    layers: tuple[str, ...]
    weights: tuple[int, ...]
    order: str
    draw: str
    correlation: Array
    magnitude: Array
    kept_class: Array
    left: float


def randomisation_of(
    subject: Subject, attribution: Attribution, options: EvidenceOptions, pace: Pace
) -> Randomisation:
    """Make the map again with ever more layers of a clone made random.

    Raises
    ------
    Stopped
        Where `pace` asks for it.
    """
    check_map(attribution, subject.x.shape)
    subject = subject.with_training()
    names = layer_names(subject)
    original = features_of(attribution, subject.counted, options.per)
    predicted = _prediction(subject, subject.classifier)
    shape = (options.n_draws, len(names))
    correlation, magnitude, kept = (np.full(shape, np.nan) for _ in range(3))
    for draw in range(options.n_draws):
        stages = destroyed(subject.classifier, names, options, seed=options.seed + draw)
        for stage, classifier in enumerate(stages):
            found = subject.explain(classifier=classifier)
            now = features_of(found, subject.counted, options.per)
            correlation[draw, stage] = rank_correlation(original, now)
            magnitude[draw, stage] = rank_correlation(np.abs(original), np.abs(now))
            kept[draw, stage] = _prediction(subject, classifier) == predicted
            pace.tick()
    modules = dict(subject.classifier.module.named_modules())
    weights = tuple(sum(p.numel() for p in modules[n].parameters(recurse=False)) for n in names)
    left = _left(correlation, magnitude, cascading=ORDERS[options.order])
    return Randomisation(
        names, weights, options.order, options.draw, correlation, magnitude, kept.mean(0), left
    )


def _left(correlation: Array, magnitude: Array, *, cascading: bool) -> float:
    both = np.maximum(*(np.nan_to_num(part).mean(0) for part in (correlation, magnitude)))
    return max(0.0, float(both[-1] if cascading else both.max()))


def _prediction(subject: Subject, classifier: Classifier) -> int:
    mask = None if subject.mask is None else subject.mask[None]
    return int(classifier.predict(subject.x[None], mask)[0])


def count_layers(module: nn.Module) -> int:
    """Return how many layers have weights of their own."""
    return len(_weighted(module))


def _weighted(module: nn.Module) -> list[str]:
    return [
        name
        for name, layer in module.named_modules()
        if next(layer.parameters(recurse=False), None) is not None
    ]


def layer_names(subject: Subject) -> tuple[str, ...]:
    """Return the layers with weights of their own, from the head down to the input.

    The order is that in which the case passes through them; a layer that the network does not
    call as one (its weights are used by the layer around it) stands where it was declared.
    """
    called: list[str] = []
    with private(subject.classifier) as module, torch.no_grad():
        for name, layer in module.named_modules():
            layer.register_forward_hook(lambda _m, _i, _o, name=name: called.append(name))
        score_of(module, subject.request())(tensor_of(subject.case, subject.classifier))
        declared = _weighted(module)
    # a layer is finished when its hook is called; the last call decides where it stands
    last = {name: place for place, name in enumerate(called)}
    places: dict[str, tuple[float, int]] = {}
    before = -1.0
    for number, name in enumerate(declared):
        before = float(last.get(name, before))
        places[name] = (before, number)
    return tuple(sorted(declared, key=lambda name: places[name], reverse=True))


def destroyed(
    classifier: Classifier, names: tuple[str, ...], options: EvidenceOptions, *, seed: int
) -> Iterator[Classifier]:
    """Yield a classifier for each stage: clones, which share nothing with the one given.

    Parameters
    ----------
    classifier : Classifier
        Left as it is.
    names : tuple of str
        Layers, from the head down.
    options : EvidenceOptions
        Its `order` and `draw`.
    seed : int
    """
    generator = torch.Generator().manual_seed(seed)
    module = _clone(classifier.module)
    for name in names:
        if not ORDERS[options.order]:
            module = _clone(classifier.module)
        layer = module.get_submodule(name)
        with torch.no_grad():
            DRAWS[options.draw](layer, generator)
        # a clone: the next stage must not change this one
        yield Classifier(_clone(module), classifier.classes, classifier.card)


def _clone(module: SeriesModule) -> SeriesModule:
    return copy.deepcopy(module)
