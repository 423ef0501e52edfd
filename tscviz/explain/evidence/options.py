"""How evidence is gathered: the settings shared by every part."""

from __future__ import annotations

from dataclasses import dataclass

from tscviz.explain.baselines import BASELINES
from tscviz.explain.evidence.draws import DRAWS, ORDERS
from tscviz.explain.evidence.fill import LINEAR
from tscviz.explain.evidence.orders import CONTROLS
from tscviz.options import MAX_SEED, option


@dataclass(frozen=True)
class EvidenceOptions:
    """Settings of the evidence for a map."""

    per: str = option(
        "time",
        "What is ranked: a time point, its values summed over the channels, or a channel at a "
        "time point.",
        choices=("time", "point"),
    )
    fill: str = option(
        "case_mean",
        "What takes the place of a deleted point: a baseline, or a straight line between the "
        "points that are left.",
        choices=(*BASELINES, LINEAR),
    )
    output: str = option(
        "probability", "The score of the curves.", choices=("probability", "logit")
    )
    steps: int = option(20, "Steps of the curves.", minimum=2, maximum=1000)
    share: float = option(0.1, "Share of the points that is the top.", above=0, maximum=0.5)
    control: str = option(
        "points",
        "Random maps: points in random order, or the map itself moved along the series.",
        choices=tuple(CONTROLS),
    )
    n_random: int = option(
        20, "Random maps; a map can be called better from 19 on.", minimum=2, maximum=1000
    )
    n_samples: int = option(200, "Perturbations of the infidelity.", minimum=2, maximum=100000)
    window: int = option(
        0, "Points of one perturbation of the infidelity; 0: a tenth of the series.", minimum=0
    )
    local: bool | None = option(
        None,
        "Whether the map is a slope, to be multiplied by the change of the input; none: as the "
        "method is known.",
    )
    radius: float = option(
        0.02, "Largest change of a point in the max-sensitivity, in deviations.", above=0
    )
    n_nearby: int = option(10, "Changed cases of the max-sensitivity.", minimum=1, maximum=1000)
    order: str = option("cascading", "How layers are randomised.", choices=tuple(ORDERS))
    draw: str = option("redrawn", "What becomes of a layer's weights.", choices=tuple(DRAWS))
    n_draws: int = option(3, "Random networks at each layer.", minimum=1, maximum=100)
    noise: float = option(
        0.05, "Deviation of the noise of the stability, in deviations of the channel.", above=0
    )
    n_repeats: int = option(5, "Repetitions of the stability.", minimum=2, maximum=1000)
    seed: int = option(0, "Of everything random here.", minimum=0, maximum=MAX_SEED)
