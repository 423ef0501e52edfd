"""A network of one's own, and random numbers of one's own, for the length of an explanation.

Methods that put hooks into a network, ask for gradients or draw random numbers would disturb
whoever shares the classifier or the process: they work on a clone, and seed under a lock.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor

from tscviz.explain.request import Request
from tscviz.models.base import SeriesModule
from tscviz.models.classifier import Classifier

_seeding = threading.RLock()
_cudnn = threading.RLock()

Score = Callable[[Tensor], Tensor]


@contextmanager
def private(classifier: Classifier) -> Iterator[SeriesModule]:
    """Give a clone of the network, in evaluation mode, whose parameters need no gradient.

    Gradients are on inside, whatever the caller's mode. On a GPU cuDNN is off inside: its
    recurrent layers refuse to go backward in evaluation mode.
    """
    with torch.inference_mode(False), torch.enable_grad():
        # Here and not before: what is copied in inference mode can take part in no gradient.
        module = copy.deepcopy(classifier.module).eval().requires_grad_(False)
        if classifier.device.type == "cpu":
            yield module
            return
        with _cudnn, torch.backends.cudnn.flags(enabled=False):
            yield module


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed torch's and numpy's global generators and put their states back afterwards.

    One thread at a time: the generators belong to the process.
    """
    with _seeding, torch.random.fork_rng():
        before = np.random.get_state()  # noqa: NPY002  (Captum draws from it)
        torch.manual_seed(seed)
        np.random.seed(seed % 2**32)  # noqa: NPY002
        try:
            yield
        finally:
            np.random.set_state(before)  # noqa: NPY002


def score_of(module: SeriesModule, request: Request, *, output: str = "logit") -> Score:
    """Return a function: series (B, n_channels, n_points) without padding -> scores (B,).

    The score is that of the target, less that of `request.against` where there is one.

    Parameters
    ----------
    module : SeriesModule
        From `private`.
    request : Request
    output : str
        "logit" or "probability".
    """

    def score(x: Tensor) -> Tensor:
        mask = None
        if request.padded:
            mask = torch.ones(len(x), x.shape[2], dtype=torch.bool, device=x.device)
        values = module(x, mask)
        if output == "probability":
            values = values.softmax(1)
        chosen = values[:, request.target]
        return chosen if request.against is None else chosen - values[:, request.against]

    return score


def tensor_of(series: Tensor | np.ndarray, classifier: Classifier) -> Tensor:
    """Return one series (n_channels, n_points) as a batch of one on the model's device."""
    x = torch.as_tensor(np.ascontiguousarray(series, dtype=np.float32))
    return x[None].to(classifier.device)
