"""PyTorch under compat's names, for the expressions of operator_cases.py."""

import einops
import torch
import torch.nn.functional as F


def filled(shapes, constants, rest):
    """The operands of an expression, constants in their places."""
    return [shape if place in constants else next(rest) for place, shape in enumerate(shapes)]


OTHER = {
    "view": lambda a, *s, size=None: a.reshape(*s) if size is None else a.reshape(size),
    "transposed": lambda a: a.T,
    "repeat_tensor": lambda a, *s, **n: a.repeat(*s, **n),
    "expand": lambda a, *s, **n: a.expand(*s, **n),
    "expand_as": lambda a, b: a.expand_as(b),
    "tensor_unfold": lambda a, *s: a.unfold(*s),
    "permute": lambda a, *s, **n: a.permute(*s, **n),
    "flip": lambda a, *s, **n: torch.flip(a, *s, **n),
    "absolute": torch.abs,
    "divide": lambda a, b: a / b,
    "multiply": lambda a, b: a * b,
    "add_complex": torch.add,
    "subtract_complex": torch.sub,
    "reduce_sum": torch.sum,
    "reduce_max": torch.max,
    "reduce_min": torch.min,
    "reduce_all": torch.all,
    "reduce_any": torch.any,
    "vector_norm": torch.linalg.vector_norm,
    "get_item": lambda a, i: a[i],
    # opt_einsum chooses the order alone, which the result does not depend on.
    "contract": lambda equation, *operands, **how: torch.einsum(equation, *operands),
    "contract_expression": lambda equation, *shapes, constants=(): (
        lambda *rest: torch.einsum(equation, *filled(shapes, constants, iter(rest)))
    ),
    "rearrange": einops.rearrange,
    "reduce": einops.reduce,
    "repeat": einops.repeat,
    "einops_einsum": einops.einsum,
    "pack": einops.pack,
    "unpack": einops.unpack,
    "parse_shape": einops.parse_shape,
    "contiguous_stride": lambda a, *dim: a.stride(*dim),
    "tanh": torch.tanh,
    # PyTorch refuses to differentiate these.
    "geqrf": lambda a: torch.geqrf(a.detach()),
    "histogram": lambda a, *s, weight=None, **n: torch.histogram(a.detach(), *s, weight=None if weight is None else weight.detach(), **n),
    "lstsq": torch.linalg.lstsq,
    "solve": torch.linalg.solve,
    "rounded": torch.round,
    "filled": torch.fill,
    "linalg_lu": torch.linalg.lu,
    "older_lu": torch.lu,
    "older_lu_solve": torch.lu_solve,
    "lu_solve": torch.linalg.lu_solve,
    "qr": torch.linalg.qr,
    "sigmoid": torch.sigmoid,
}


def set_item(a, index, value):
    a = a.clone()
    a[index] = value
    return a


def cross_entropy(a, b, weight=None, **options):
    """PyTorch refuses to differentiate by the weight."""
    return F.cross_entropy(a, b, None if weight is None else weight.detach(), **options)


def lookup(name):
    """PyTorch's function of that compat name."""
    if name in ("set_item", "cross_entropy"):
        return globals()[name]
    if name in OTHER:
        return OTHER[name]
    for place in (F, torch.fft, torch, torch.linalg, torch.special):
        if hasattr(place, name) and not (place is F and name in ("unfold_",)):
            return getattr(place, name)
    raise KeyError(name)
