"""torch's Adam, ready in a process of its own without the imports of torch's compiler."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import torch


class Adam(torch.optim.Adam):
    """`torch.optim.Adam`, the very same numbers, for code that is not compiled.

    torch wraps four of an optimiser's methods in guards against `torch.compile`, and the first
    call of one imports `torch._dynamo`, which takes as long as `import torch` itself: every job
    of one's own process would pay for it. What stands behind the guards is called here.
    """

    _step = inspect.unwrap(torch.optim.Adam.step)
    add_param_group = inspect.unwrap(torch.optim.Adam.add_param_group)
    load_state_dict = inspect.unwrap(torch.optim.Adam.load_state_dict)
    state_dict = inspect.unwrap(torch.optim.Adam.state_dict)
    zero_grad = inspect.unwrap(torch.optim.Adam.zero_grad)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Take a step; gradients are read from the parameters."""
        with torch.no_grad():
            return self._step(closure)
