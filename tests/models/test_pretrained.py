"""The bundled models are what their cards say."""

import pytest

from tscviz.data import load_dataset
from tscviz.models import list_pretrained, load_model
from tscviz.training import evaluate

FOUR = ("GunPoint", "ItalyPowerDemand", "ArrowHead", "OSULeaf")
PROBLEMS = ("ArrowHead", "BasicMotions", "GunPoint", "ItalyPowerDemand", "OSULeaf")


def test_every_promised_model_is_there() -> None:
    promised = {f"{kind}-fcn/{name}" for kind in ("gtp", "stp", "dtp") for name in PROBLEMS}
    others = ("dsn", "lstm-fcn", "alstm-fcn", "convtimenet")
    promised |= {f"{model}/{name}" for model in others for name in FOUR}
    promised |= {"dsn/BasicMotions", "dtp-resnet/GunPoint"}
    assert promised <= set(list_pretrained())


@pytest.mark.parametrize("name", list_pretrained())
def test_evaluation_gives_the_cards_accuracy_again(name: str) -> None:
    classifier = load_model(name)
    card = classifier.card
    dataset = load_dataset(card["dataset"]["name"])
    assert dataset.digest == card["dataset"]["digest"]
    assert (card["preset"], card["seed"]) == ("paper", 0)
    assert card["options"].get("pooling", "max") == "max"
    found = evaluate(classifier, dataset)["accuracy"]
    assert found == pytest.approx(card["metrics"]["test_accuracy"], abs=1e-9)


def test_dtp_on_gunpoint_reaches_what_the_protocol_should() -> None:
    assert load_model("dtp-fcn/GunPoint").card["metrics"]["test_accuracy"] >= 0.98
