# pyright: reportAttributeAccessIssue=false

import numpy as np

from tests.figures.conftest import traces
from tscviz.figures import (
    alt_text,
    plot_prototype_similarity,
    plot_prototypes,
    plot_segment_shapes,
)


def test_latent_prototypes_are_on_a_symmetric_scale() -> None:
    cells = plot_prototypes(np.array([[1.0, -3.0], [0.0, 2.0], [1.0, 1.0]])).data[0]
    assert cells.z.shape == (3, 2)
    assert (cells.zmin, cells.zmax) == (-3, 3)
    assert cells.y.tolist() == [1, 2, 3]


def test_similarities_are_cosines_of_the_same_segment() -> None:
    prototypes = np.array([[1.0, 0.0], [0.0, 1.0]])
    weights = np.array([[[2.0, 0.0], [0.0, -1.0]], [[0.0, 5.0], [0.0, 3.0]]])
    fig = plot_prototype_similarity(prototypes, weights, ("a", "b"))
    between, to_class = traces(fig, kind="heatmap")
    assert np.allclose(between.z, np.eye(2))
    assert np.allclose(to_class.z, [[1, 0], [-1, 1]])
    assert (to_class.zmin, to_class.zmax) == (-1, 1)
    _, written = traces(fig, kind="scatter")
    assert written.text.tolist() == ["1.00", "0.00", "−1.00", "1.00"]
    assert written.textfont.color == ("#ffffff", "#000000", "#ffffff", "#ffffff")
    assert (written.xaxis, written.yaxis) == (to_class.xaxis, to_class.yaxis)


def test_one_prototype_and_class_names_keep_their_case() -> None:
    fig = plot_prototype_similarity(np.ones((1, 3)), np.ones((2, 1, 3)), ("Gun", "Point"))
    assert "weights of Gun (1.00)" in alt_text(fig)


def test_shapes_are_means_of_pieces_brought_to_the_median_length() -> None:
    X = np.zeros((3, 1, 8))
    X[:, 0] = [[0, 1, 2, 3, 9, 9, 9, 9], [0, 3, 9, 9, 9, 9, 9, 9], [0, 1.5, 3, 9, 9, 9, 9, 9]]
    boundaries = np.array([[0, 4, 8], [0, 2, 8], [0, 3, 8]])
    fig = plot_segment_shapes(X, boundaries, np.zeros(3, int), ("a",))
    first, second = traces(fig, "a")
    assert first.y.tolist() == [0, 1.5, 3]
    assert second.y.tolist() == [9] * 5
    assert first.xaxis == "x"
    assert second.xaxis == "x2"
    assert first.showlegend
    assert not second.showlegend
