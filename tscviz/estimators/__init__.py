"""The networks as aeon and scikit-learn classifiers; importing this brings aeon along."""

from tscviz.estimators.base import BaseSeriesClassifier
from tscviz.estimators.convtimenet import ConvTimeNetClassifier
from tscviz.estimators.dsn import DSNClassifier
from tscviz.estimators.lstm_fcn import ALSTMFCNClassifier, LSTMFCNClassifier
from tscviz.estimators.temporal_pooling import DTPClassifier, GTPClassifier, STPClassifier

__all__ = [
    "ALSTMFCNClassifier",
    "BaseSeriesClassifier",
    "ConvTimeNetClassifier",
    "DSNClassifier",
    "DTPClassifier",
    "GTPClassifier",
    "LSTMFCNClassifier",
    "STPClassifier",
]
