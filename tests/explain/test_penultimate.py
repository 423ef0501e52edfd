"""The input of the last layer: it gives the logits, and padding does not change it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import tscviz
from tscviz.explain.penultimate import penultimate_features
from tscviz.models import Classifier, build_model


@pytest.mark.parametrize("name", ["dtp-fcn", "alstm-fcn", "convtimenet"])
def test_the_last_layer_maps_them_to_the_logits(name: str) -> None:
    model = tscviz.load_model(f"{name}/ItalyPowerDemand")
    X = tscviz.load_dataset("ItalyPowerDemand").X_test[:5]
    found = torch.from_numpy(penultimate_features(model, X, batch_size=2))
    with torch.no_grad():
        logits = model.module.fc(found).numpy()  # pyright: ignore[reportCallIssue]
    np.testing.assert_allclose(logits, model.logits(X), rtol=1e-3, atol=1e-4)
    assert not model.module.fc._forward_pre_hooks  # pyright: ignore  (the shared model is as it was)


def test_dsn_has_the_mean_of_its_hidden_series_and_padding_is_left_out() -> None:
    torch.manual_seed(0)
    module = build_model("dsn", n_channels=1, n_classes=2, channels=6, layers=2, sparsity=0.4)
    model = Classifier(module.eval(), ("a", "b"), {})
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2, 1, 24)).astype(np.float32)
    mask = np.arange(24) < np.array([[24], [16]])
    X[1, :, 16:] = 0
    found = penultimate_features(model, X, mask)
    assert found.shape == (2, 6)
    with torch.no_grad():
        h = module.features(torch.from_numpy(X[:1]))
    np.testing.assert_allclose(found[0], h.mean(2)[0].numpy(), rtol=1e-4, atol=1e-5)
    alone = penultimate_features(model, X[1:, :, :16])
    np.testing.assert_allclose(found[1], alone[0], rtol=1e-3, atol=1e-4)
