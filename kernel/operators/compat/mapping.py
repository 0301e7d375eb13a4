"""torch.vmap: the function is called for each place of the mapped dimensions, and what it gives is stacked."""

import mindspore as ms
from mindspore import ops

from .unsupported import refused


def vmap(func, in_dims=0, out_dims=0, randomness="error", *, chunk_size=None):
    """Arguments are tensors (or anything with in_dim None); results a tensor or several."""
    if randomness == "same":
        refused("torch.vmap", "randomness", "Draw the random numbers before, and hand them in with in_dim None.")

    def mapped(*args):
        dims = in_dims if isinstance(in_dims, (tuple, list)) else (in_dims,) * len(args)
        count = mapped_count(args, dims)
        results = []
        for place in range(count):
            results.append(func(*mapped_arguments(args, dims, place)))
        return stacked_results(results, out_dims)

    return mapped


def mapped_count(args, dims):
    for number in range(len(args)):
        if dims[number] is not None:
            if not isinstance(args[number], ms.Tensor):
                refused("torch.vmap", f"number {number}, which is no tensor", "Hand its tensors in one by one.")
            return args[number].shape[dims[number]]
    return refused("torch.vmap", "in_dims", "One of them has to be mapped.")


def mapped_arguments(args, dims, place):
    """The arguments of one call."""
    found = []
    for number in range(len(args)):
        one = args[number]
        found.append(one if dims[number] is None else one.take(ms.Tensor(place, ms.int32), dims[number]))
    return found


def stacked_results(results, out_dims):
    if isinstance(results[0], (tuple, list)):
        stacked = []
        for number in range(len(results[0])):
            axis = out_dims[number] if isinstance(out_dims, (tuple, list)) else out_dims
            stacked.append(ops.stack([one[number] for one in results], axis))
        return tuple(stacked)
    return ops.stack(results, out_dims)
