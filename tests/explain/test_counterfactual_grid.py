"""Both counterfactuals on every model: one channel, several, and padding at the end."""

from __future__ import annotations

import numpy as np
import pytest

from tests.explain.test_grid import LENGTH, OWN, case, classifier_of, training
from tscviz.explain.counterfactual import counterfactual, counterfactual_methods
from tscviz.models import model_names


@pytest.mark.parametrize("kind", ["univariate", "multivariate", "padded"])
@pytest.mark.parametrize("method", counterfactual_methods())
@pytest.mark.parametrize("model", model_names())
def test_every_cell(model, method, kind) -> None:
    n_channels = 1 if kind == "univariate" else 3
    classifier, x = classifier_of(model, n_channels), case(n_channels)
    mask = np.arange(LENGTH) < (OWN if kind == "padded" else LENGTH)
    x = np.where(mask, x, 0).astype(np.float32)
    options = {"steps": 40, "shrink": 5} if method == "minimal_change" else {}
    got = counterfactual(classifier, x, method, mask=mask, training=training(n_channels), **options)
    assert got.x_new.shape == x.shape
    assert np.isfinite(got.x_new).all()
    assert (got.x_new[:, ~mask] == 0).all()
    now = int(classifier.predict(got.x_new[None], mask[None])[0])
    assert (now != got.source) == got.flipped
    assert now == got.target or not got.flipped
    if method == "minimal_change":  # of an untrained network, too, gradients lead out of a class
        assert got.flipped, got.message
        assert got.n_changed > 0
    elif method == "native_guide":
        cases = np.zeros((6, *x.shape), np.float32)
        cases[:, :, mask] = training(n_channels).fitted(int(mask.sum()))
        unlike = classifier.predict(cases, np.repeat(mask[None], 6, 0)) != got.source
        assert got.flipped == unlike.any()  # a whole guide always flips
