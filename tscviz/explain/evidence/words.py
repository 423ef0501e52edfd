"""One plain sentence that sums the evidence up, with numbers from the curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tscviz.explain.evidence.curves import Curve, Curves
from tscviz.explain.evidence.intervals import Estimate
from tscviz.explain.evidence.orders import CONTROLS


def sentence_of(
    curves: Curves, class_names: Sequence[str], target: int, against: int | None = None
) -> str:
    """Return what deleting the top points does, beside random points, and whether that is much.

    Parameters
    ----------
    curves : Curves
    class_names : sequence of str
        As they are; escape the sentence before it reaches a page.
    target : int
    against : int, optional

    Returns
    -------
    str
        E.g. "Deleting the top 10 % of points drops the probability of Gun from 0.98 to 0.31;
        random points: 0.95. Over the whole curves the map does better than all 20 random maps,
        deleting and inserting."
    """
    noun = "probability" if curves.output == "probability" else "score"
    what = f"the {noun} of {class_names[target]}"
    if against is not None:
        what += f" less that of {class_names[against]}"
    return (
        f"Deleting the top {_percent(curves.n_top / curves.n_features)} of points "
        f"{_moved(what, curves.whole, curves.without_top)}; {CONTROLS[curves.control].words}: "
        f"{curves.without_random:.2f}. {verdict_of(curves)}{_warning(curves)}"
    )


def _warning(curves: Curves) -> str:
    """Return a sentence where the fill alone looks like the class, which bends every curve."""
    if curves.output != "probability" or curves.empty < max(0.5, curves.whole / 2):
        return ""
    return (
        f" With every point replaced it is still {curves.empty:.2f}: the fill itself looks like "
        "this class, so choose another one."
    )


def verdict_of(curves: Curves) -> str:
    """Return whether a map beats random ones, as a sentence that claims no more than is shown."""
    deleting, inserting = _beside(curves.deletion), _beside(curves.insertion)
    if deleting == inserting:
        return f"Over the whole curves the map does {deleting}, deleting and inserting."
    return (
        f"Over the whole curves the map does {deleting} when deleting and {inserting} when "
        "inserting."
    )


def _beside(curve: Curve) -> str:
    if curve.verdict == "no different":
        return "no better than random maps"
    n = len(curve.random_areas)
    p = curve.p_better if curve.verdict == "better" else curve.p_worse
    many = n + 1 - round((n + 1) * p)
    return f"{curve.verdict} than {'all' if many == n else f'{many} of'} {n} random maps"


def cases_sentence(
    figures: Mapping[str, Estimate], *, share: float, settings: Any, less: str | None = None
) -> str:
    """Return the sentence of a run over many cases.

    Parameters
    ----------
    figures : mapping of str to Estimate
        The means of the curves' figures.
    share : float
        Share of the points that is the top.
    settings : EvidenceOptions
    less : str, optional
        The class whose score was subtracted, as it is.
    """
    probability = settings.output == "probability"
    noun = "mean probability" if probability else "mean score"
    if less is not None:
        noun += f" less that of {less}"
    whole, top = figures[settings.output], figures["without_top"]
    text = (
        f"Over {count_cases(whole.n)} deleting the top {_percent(share)} of points "
        f"{_moved(f'the {noun}', whole.mean, top.mean)}"
    )
    if top.n > 1:
        text += f" (95 % interval {top.low:.2f} to {top.high:.2f})"
    text += f"; {CONTROLS[settings.control].words}: {figures['without_random'].mean:.2f}. "
    if top.n < 2:
        return text + "One case tells nothing of other cases."
    return text + (
        f"Over the whole curves the map is {_gain(figures['deletion_gain'])} when deleting and "
        f"{_gain(figures['insertion_gain'])} when inserting."
    )


def count_cases(n: int) -> str:
    """Return "1 case" or "12 cases"."""
    return f"{n} case" if n == 1 else f"{n} cases"


def _gain(gain: Estimate) -> str:
    word = "better" if gain.low > 0 else "worse" if gain.high < 0 else "no better"
    return f"{word} than random maps (gain {gain.mean:.3f}, {gain.low:.3f} to {gain.high:.3f})"


def _moved(what: str, before: float, after: float) -> str:
    first, last = (f"{value:.2f}".replace("-0.00", "0.00") for value in (before, after))
    if first == last:  # with two digits it has not moved
        return f"leaves {what} at {last}"
    return f"{'drops' if after < before else 'raises'} {what} from {first} to {last}"


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %"
