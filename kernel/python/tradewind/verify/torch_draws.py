"""PyTorch's random functions, drawing from `draws.Draws` while it is active; what still asks PyTorch's own generator is found out.

They are exchanged where the module lives, before the user's code is imported, so that `from torch.nn.functional import dropout` has them too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import torch
import torch.nn.functional as F
import torch.utils.checkpoint

from .draws import Draws

DRAWS = Draws()


def size_of(size: tuple) -> tuple[int, ...]:
    if len(size) == 1 and isinstance(size[0], (tuple, list, torch.Size)):
        size = tuple(size[0])
    return tuple(int(one) for one in size)


def floating(array: Any, dtype: torch.dtype | None) -> torch.Tensor:
    return torch.from_numpy(array).to(dtype or torch.get_default_dtype())


def uniform(shape: Any, dtype: torch.dtype | None = None) -> torch.Tensor:
    return floating(DRAWS.uniform(tuple(shape)), dtype)


def normal(shape: Any, dtype: torch.dtype | None = None) -> torch.Tensor:
    return floating(DRAWS.normal(tuple(shape)), dtype)


def masked(input: torch.Tensor, shape: Any, p: float, inplace: bool) -> torch.Tensor:
    """Dropout by one draw for each element of ``shape``."""
    keep = (uniform(shape, torch.float32) >= p).to(input.dtype)
    factor = keep / (1.0 - p) if p < 1.0 else torch.zeros_like(keep)
    return input.mul_(factor) if inplace else input * factor


def dropout(original: Callable, input: torch.Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> torch.Tensor:
    return masked(input, input.shape, p, inplace) if training and p > 0 else original(input, p, training, inplace)


def feature_dropout(original: Callable, input: torch.Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> torch.Tensor:
    shape = (*input.shape[:2], *(1 for _ in input.shape[2:]))
    return masked(input, shape, p, inplace) if training and p > 0 else original(input, p, training, inplace)


def attention(
    original: Callable,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attn_mask: torch.Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> torch.Tensor:
    if not dropout_p:
        return original(query, key, value, attn_mask, dropout_p, is_causal, scale=scale, enable_gqa=enable_gqa)
    if enable_gqa:
        key, value = (one.repeat_interleave(query.shape[-3] // one.shape[-3], -3) for one in (key, value))
    scores = query @ key.transpose(-2, -1) * (query.shape[-1] ** -0.5 if scale is None else scale)
    if is_causal:
        scores = scores.masked_fill(torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1), float("-inf"))
    if attn_mask is not None:
        scores = scores.masked_fill(~attn_mask, float("-inf")) if attn_mask.dtype == torch.bool else scores + attn_mask
    weights = scores.softmax(-1)
    return masked(weights, weights.shape, dropout_p, False) @ value


def rand(original: Callable, *size: Any, dtype: torch.dtype | None = None, **_: Any) -> torch.Tensor:
    return uniform(size_of(size or (_.get("size"),)), dtype)


def randn(original: Callable, *size: Any, dtype: torch.dtype | None = None, **_: Any) -> torch.Tensor:
    shape = size_of(size or (_.get("size"),))
    if dtype is not None and dtype.is_complex:
        return torch.complex(normal(shape), normal(shape)).to(dtype) * 0.5**0.5
    return normal(shape, dtype)


def rand_like(original: Callable, input: torch.Tensor, dtype: torch.dtype | None = None, **_: Any) -> torch.Tensor:
    return uniform(input.shape, dtype or input.dtype)


def randn_like(original: Callable, input: torch.Tensor, dtype: torch.dtype | None = None, **_: Any) -> torch.Tensor:
    return randn(original, input.shape, dtype=dtype or input.dtype)


def randint(original: Callable, low: int, high: Any = None, size: Any = None, dtype: torch.dtype | None = None, **_: Any) -> torch.Tensor:
    if size is None:
        low, high, size = 0, low, high
    return torch.from_numpy(DRAWS.integers(int(low), int(high), size_of((size,)))).to(dtype or torch.int64)


def randint_like(original: Callable, input: torch.Tensor, low: int, high: Any = None, dtype: Any = None, **_: Any) -> torch.Tensor:
    low, high = (0, low) if high is None else (low, high)
    return randint(original, low, high, input.shape, dtype=dtype or input.dtype)


def randperm(original: Callable, n: int, dtype: torch.dtype | None = None, **_: Any) -> torch.Tensor:
    return torch.from_numpy(DRAWS.permutation(int(n))).to(dtype or torch.int64)


def bernoulli(original: Callable, input: torch.Tensor, p: float | None = None, **_: Any) -> torch.Tensor:
    return (uniform(input.shape, torch.float32) < (input if p is None else p)).to(input.dtype)


def gaussian(original: Callable, mean: Any = 0.0, std: Any = 1.0, size: Any = None, **_: Any) -> torch.Tensor:
    shape = (
        size_of((size,))
        if size is not None
        else torch.broadcast_shapes(*(one.shape for one in (mean, std) if isinstance(one, torch.Tensor)))
    )
    return mean + std * normal(shape, _.get("dtype"))


def fill(make: Callable[..., torch.Tensor]) -> Callable:
    """A method that writes into its tensor."""

    def method(original: Callable, self: torch.Tensor, *args: Any, **kwargs: Any) -> torch.Tensor:
        kwargs.pop("generator", None)
        with torch.no_grad():
            return self.copy_(make(self, *args, **kwargs))

    return method


def bernoulli_values(self: torch.Tensor, p: Any = 0.5) -> torch.Tensor:
    return uniform(self.shape, torch.float32) < p


def uniform_values(self: torch.Tensor, a: float = 0.0, b: float = 1.0, **named: float) -> torch.Tensor:
    low, high = named.get("from", a), named.get("to", b)
    return low + (high - low) * uniform(self.shape, torch.float32)


def normal_values(self: torch.Tensor, mean: float = 0.0, std: float = 1.0) -> torch.Tensor:
    return mean + std * normal(self.shape, torch.float32)


EXCHANGED: list[tuple[Any, str, Callable]] = [
    (F, "dropout", dropout),
    *((F, name, feature_dropout) for name in ("dropout1d", "dropout2d", "dropout3d", "feature_dropout") if hasattr(F, name)),
    (F, "scaled_dot_product_attention", attention),
    (torch, "dropout", dropout),
    (torch, "rand", rand),
    (torch, "randn", randn),
    (torch, "rand_like", rand_like),
    (torch, "randn_like", randn_like),
    (torch, "randint", randint),
    (torch, "randint_like", randint_like),
    (torch, "randperm", randperm),
    (torch, "bernoulli", bernoulli),
    (torch, "normal", gaussian),
    (torch.Tensor, "bernoulli", bernoulli),
    (torch.Tensor, "bernoulli_", fill(bernoulli_values)),
    (torch.Tensor, "uniform_", fill(uniform_values)),
    (torch.Tensor, "normal_", fill(normal_values)),
]


def exchanged(original: Callable, mine: Callable) -> Callable:
    @wraps(original)
    def function(*args: Any, **kwargs: Any) -> Any:
        return mine(original, *args, **kwargs) if DRAWS.active else original(*args, **kwargs)

    return function


def checkpoint(
    function: Callable,
    *args: Any,
    use_reentrant: Any = None,
    preserve_rng_state: Any = True,
    context_fn: Any = None,
    determinism_check: Any = None,
    debug: Any = False,
    early_stop: Any = True,
    **kwargs: Any,
) -> Any:
    """Without recomputation, which would draw once more."""
    return function(*args, **kwargs)


def install() -> None:
    torch.utils.checkpoint.checkpoint = checkpoint
    for holder, name, mine in EXCHANGED:
        setattr(holder, name, exchanged(getattr(holder, name), mine))


@contextmanager
def same_draws(run: int = 0) -> Iterator[Draws]:
    """The same numbers for the same ``run`` on either side; PyTorch's own generator starts alike too, for what is not exchanged."""
    torch.manual_seed(run)
    DRAWS.begin(run)
    DRAWS.active = True
    try:
        yield DRAWS
    finally:
        DRAWS.active = False


def drawing_layers(model: torch.nn.Module, call: Callable[[], Any]) -> tuple[list[str], list[str]]:
    """The layers that draw during ``call``: by exchanged functions, and those that still ask PyTorch's own generator."""
    drawing: dict[str, None] = {}
    unmatched: dict[str, None] = {}
    stack: list[list] = []

    def counted() -> tuple[int, bytes]:
        return sum(DRAWS.counts.values()), torch.get_rng_state().numpy().tobytes()

    def before(path: str) -> Callable:
        def hook(*_: Any) -> None:
            note()
            stack.append([path, *counted()])

        return hook

    def note() -> None:
        # What was drawn since the innermost layer was entered or came back is that layer's own.
        if stack:
            path, draws, state = stack[-1]
            now = counted()
            if now[0] != draws:
                drawing[path] = None
            if now[1] != state:
                unmatched[path] = None
            stack[-1][1:] = now

    def after(*_: Any) -> None:
        note()
        stack.pop()
        if stack:
            stack[-1][1:] = counted()

    hooks = []
    for path, module in model.named_modules():
        hooks += [module.register_forward_pre_hook(before(path)), module.register_forward_hook(after)]
    try:
        call()
    finally:
        for hook in hooks:
            hook.remove()
    return list(drawing), list(unmatched)
