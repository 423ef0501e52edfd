"""How people write the names of architectures: "dtp-fcn" is "DTP-FCN", "dsn" is "DSN".

Free of torch, so that the landing page and the tables of results need not wait for it. Files,
commands and addresses keep the names themselves.
"""

from __future__ import annotations

from collections.abc import Mapping

TITLES: Mapping[str, str] = {
    "gtp-fcn": "GTP-FCN",
    "stp-fcn": "STP-FCN",
    "dtp-fcn": "DTP-FCN",
    "gtp-resnet": "GTP-ResNet",
    "stp-resnet": "STP-ResNet",
    "dtp-resnet": "DTP-ResNet",
    "dsn": "DSN",
    "lstm-fcn": "LSTM-FCN",
    "alstm-fcn": "ALSTM-FCN",
    "convtimenet": "ConvTimeNet",
    # not ours, but in the project's benchmarks
    "1nn-dtw": "1NN-DTW",
    "minirocket": "MiniRocket",
}


def title_of(architecture: str) -> str:
    """Return a name as people write it; one that is not known stays as it is."""
    return TITLES.get(architecture, architecture)
