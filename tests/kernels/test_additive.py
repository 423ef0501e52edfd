"""Additive attention scores against the hyperbolic tangent they stand for."""

import pytest
import torch

from tscviz.kernels import KernelError, additive
from tscviz.kernels.additive import additive_scores, additive_scores_backward, exponentials

WAYS = {
    "compiled": (additive_scores, additive_scores_backward),
    "torch": (additive._scores_on_device, additive._backward_on_device),  # what a GPU runs
}


@pytest.mark.parametrize("way", list(WAYS))
@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 5, 16), (2, 8, 37), (4, 3, 150)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_scores_and_gradients_equal_those_of_tanh(
    way: str, shape: tuple[int, int, int], dtype: torch.dtype
) -> None:
    torch.manual_seed(0)
    forward, backward = WAYS[way]
    keys, query = torch.randn(shape, dtype=dtype), torch.randn(shape[:2], dtype=dtype)
    v, grad = torch.randn(shape[1], dtype=dtype), torch.randn(shape[0], shape[2], dtype=dtype)
    inputs = [t.requires_grad_() for t in (keys, query, v)]
    wanted = torch.einsum("but,u->bt", torch.tanh(keys + query[:, :, None]), v) - v.sum()
    grads = torch.autograd.grad((wanted * grad).sum(), inputs)
    with torch.no_grad():
        a, b = exponentials(keys), exponentials(query)
        found = forward(a, b, v)
        d_keys = torch.ones(shape, dtype=dtype)
        d_query, d_v = backward(a, b, v, grad, d_keys)
    rtol, atol = (1e-4, 1e-5) if dtype is torch.float32 else (1e-9, 1e-12)
    torch.testing.assert_close(found, wanted.detach(), rtol=rtol, atol=atol)
    torch.testing.assert_close(d_keys - 1, grads[0], rtol=rtol, atol=atol)
    torch.testing.assert_close(d_query, grads[1], rtol=rtol, atol=atol)
    torch.testing.assert_close(d_v.sum(0), grads[2], rtol=rtol, atol=atol)


@pytest.mark.parametrize(("q", "k"), [(300.0, 300.0), (-300.0, -300.0), (300.0, -300.0)])
def test_no_magnitude_gives_nan(q: float, k: float) -> None:
    keys, query = exponentials(torch.full((1, 1, 4), k)), exponentials(torch.full((1, 1), q))
    v = torch.ones(1)
    scores = additive_scores(keys, query, v)
    wanted = torch.full((1, 4), torch.tanh(torch.tensor(q + k)).item() - 1.0)
    torch.testing.assert_close(scores, wanted)
    d_keys = torch.zeros(1, 1, 4)
    parts = additive_scores_backward(keys, query, v, torch.ones(1, 4), d_keys)
    assert all(torch.isfinite(t).all() for t in (*parts, d_keys))


def test_shapes_that_do_not_fit_are_named() -> None:
    with pytest.raises(KernelError, match=r"must be \(B, U, T\), \(B, U\) and \(U,\)"):
        additive_scores(torch.ones(2, 3, 4), torch.ones(2, 4), torch.ones(3))
