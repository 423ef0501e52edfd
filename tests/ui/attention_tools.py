"""Untrained networks in a home, as if the app had trained them, without a record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from tscviz.data import load_dataset
from tscviz.models import Classifier, build_model, save_model


def store_network(home: Path, job_id: str, model: str, dataset: str, **options: Any) -> str:
    """Store a network and return its name; an attention is uneven (as built it may start even)."""
    source = load_dataset(dataset)
    torch.manual_seed(0)
    length = int(source.X_train.shape[2])
    network: dict[str, Any] = {**options, "length": length}
    module = build_model(model, n_channels=source.n_channels, n_classes=source.n_classes, **network)
    with torch.no_grad():
        for name, weights in module.named_parameters():
            if name.endswith(("recurrent.v", "query.weight", "key.weight")):
                weights.normal_(0, 1)
            elif name == "fc.bias":
                weights.copy_(torch.linspace(0.1, 0.3, len(weights)))
    card = {
        "name": f"{model}/{dataset}",
        "model": model,
        "options": options,
        "length": length,
        "n_channels": source.n_channels,
        "n_classes": source.n_classes,
        "classes": list(source.class_names),
        "dataset": {"name": dataset, "digest": source.digest},
        "preparation": {},
    }
    save_model(Classifier(module, source.class_names, card), home / "jobs" / job_id / "model")
    return f"job/{job_id}"
