"""The page Planted truth in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tscviz.data.planted import PlantedOptions
from tscviz.figures.text import count
from tscviz.ui.components.cards import percent
from tscviz.ui.escape import escape_markdown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tscviz.ui.planted.scoring import Scored

INTRO = (
    "On real series nobody knows what matters, so no map can be called right or wrong. Here it is "
    "known: the series are noise, and a short motif, **the cue**, is planted into each. Nothing "
    "else tells the classes apart. A network that classifies well must have read the cue; a good "
    "map of it should point there."
)
HELP = {
    "cue": "The shape: every class has a motif of its own, all of equal mean and energy. The "
    "height: one bump, higher for the second class, so that it is there in every case.",
    "position": "At one place: the cue begins at one time point in all cases. Anywhere: at a "
    "random one in each.",
    "where": "Two channels together: each alone is as frequent in every class; only both together "
    "tell the class (for two classes: exclusive or).",
    "noise": "Standard deviation of the noise; the cue is 1 to 2 high.",
    "distractors": "Motifs in each channel that appear in all classes alike: boxes, humps, teeth. "
    "They catch the eye and mean nothing.",
    "length": "Time points of a series.",
    "channels": "The cue is in one of them (or two), drawn by the seed; the others hold noise and "
    "distractors.",
    "n_cases": "In the training and in the test split, each.",
    "seed": "Of everything random in the series.",
    "classes": "Each has its own variant of the cue.",
    "motif": "0: an eighth of the length.",
    "shortest": "0: all series are equally long. Otherwise lengths are drawn from here to the "
    "longest, and the rest is padding.",
}
SCORES = (
    "- **Area under precision and recall.** Rank all points by the size of the map (its absolute "
    "value) and go down the list: precision is the share of the points so far that lie on the "
    "cue, recall the share of the cue found so far. The area under that curve is **1 for a map "
    "whose greatest points are exactly the cue**, and the share of points on the cue, **chance**, "
    "for one that says nothing.\n"
    "- **Pointing game.** Is the single greatest point on the cue? The share of cases in which it "
    "is; ties count in part. Chance is the same share.\n"
    "- **Area under ROC.** Probability that a point of the cue ranks above one beside it; chance "
    "is 0.5. **Mass:** share of the map's total that lies on the cue.\n"
    "- Only test cases that the network classifies correctly are explained, each for its own "
    "class, with every method's default options and baseline zero. Padding does not count. "
    "Bars: 95 % bootstrap intervals over the cases.\n"
    "- **What the truth is not.** A network may read the cue at its edge alone, or note that a "
    "shape is *absent* elsewhere. A map that shows this is right about the network and loses "
    "points here. Compare methods by the ranking; do not judge one map by it. Methods over "
    "segments are no sharper than their windows, and profit where a window happens to cover the "
    "cue."
)


def planted(options: PlantedOptions, share: float) -> str:
    """Say what is planted; Markdown.

    Parameters
    ----------
    options : PlantedOptions
    share : float
        Of all points that lie on the cue.
    """
    what = (
        f"**{options.classes} shapes of {options.width} points, one for each class**"
        if options.cue == "shape"
        else f"**One bump of {options.width} points, of another height for each class**"
    )
    place = "at the same place in every case" if options.position == "fixed" else "anywhere"
    where = (
        "the class is told by two channels together, by neither alone"
        if options.where == "interacting"
        else "in one channel"
        if options.channels > 1
        else ""
    )
    parts = ", ".join(part for part in (place, where) if part)
    marked = f"Marked: the cue, {100 * share:.0f} % of all points."
    if options.distractors:
        n = count(options.distractors, "distractor")
        marked += f" Each channel also has {n} without a meaning."
    return f"{what}, {parts}; noise {options.noise:g}. {marked}"


def title(options: PlantedOptions) -> str:
    """Return a problem in a few words: "shape, anywhere, noise 0.5, seed 3"."""
    parts = [
        "shape" if options.cue == "shape" else "height",
        "one place" if options.position == "fixed" else "anywhere",
    ]
    if options.where == "interacting":
        parts.append("two channels together")
    return ", ".join([*parts, f"noise {options.noise:g}", f"seed {options.seed}"])


def verdict(ranked: Sequence[Scored]) -> str:
    """Say which method finds the cue best, and how many beat chance; Markdown."""
    best, n = ranked[0], len(ranked)
    name = escape_markdown(best.title)
    where = f"area {best.area.mean:.2f} of 1, where chance is {best.chance:.2f}"
    above = sum(one.area.low > one.chance for one in ranked)
    if above:
        text = f"**{name} finds the cue best: {where}.** {_above(above, n)}"
    elif n == 1:
        text = f"**{name} does not find the cue: {where}.** It does not lie clearly above chance"
    else:
        text = f"**No method finds the cue; {name} comes first: {where}.** "
        text += f"{'Neither' if n == 2 else f'None of {n} methods'} lies clearly above chance"
    perfect = sum(one.pointing.mean > 1 - 1e-9 for one in ranked)
    if perfect:
        puts = "puts its" if perfect == 1 else "put their"
        text += f"; {perfect} {puts} greatest point on the cue in every case"
    worst = ranked[-1]
    if n > 1:
        text += f". Last is {escape_markdown(worst.title)} with {worst.area.mean:.2f}"
    return text + "."


def _above(above: int, n: int) -> str:
    """Say how many of the methods beat chance; at least one does."""
    if n == 1:
        return "It lies clearly above chance"
    if above == n:
        return f"{'Both' if n == 2 else f'All {n}'} methods lie clearly above chance"
    return f"{above} of {n} methods {'lies' if above == 1 else 'lie'} clearly above chance"


def learned(accuracy: float, chance: float) -> str:
    """Say how far the maps of such a network can be judged by the cue; empty where they can."""
    if accuracy >= 0.95:
        return ""
    share = percent(accuracy)
    if accuracy <= chance + 0.1:
        return (
            f"The network classifies {share} of the test cases, little more than guessing "
            f"({percent(chance)}): what it reads does not tell the classes apart. The maps are of "
            "the few cases it happens to classify correctly and say little of the methods. Train "
            "longer, plant more cases or less noise."
        )
    return (
        f"The network classifies only {share} of the test cases. A part of what its maps miss, "
        "it has not learned: train longer or plant more cases to tell the two apart."
    )


def reading(n_cases: int) -> str:
    """Say how the ranking is read; Markdown."""
    return (
        f"Means over {count(n_cases, 'test case')} that the network classifies correctly, with "
        "95 % intervals. Dashed: chance, what a map that says nothing reaches. 1 is perfect: the "
        "greatest points of the map are exactly the cue."
    )


def stopped(left: int) -> str:
    """Say how many maps a stopped run still wants."""
    return f"Stopped; {count(left, 'map')} {'is' if left == 1 else 'are'} left."
