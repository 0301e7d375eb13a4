"""PyTorch's gradients in MindSpore's way: a forward function is differentiated as a whole, and backward hands out what it gave.

``differentiate`` stands where the loss is computed, ``backward`` where PyTorch's ``loss.backward()`` stood; gradients add up in
``parameter.grad`` until ``zero_grad``, so that accumulation, clipping and several optimisers do what they did.
"""

import contextlib
import warnings
import weakref

import mindspore as ms
from mindspore import nn, ops
from mindspore.common.api import _pynative_executor

from .unsupported import refused

# Every optimiser that is alive: whose parameters count where the code does not say.
OPTIMIZERS = weakref.WeakSet()
# Forward functions whose gradients were looked at once.
LOOKED_AT = set()


def trainable(owners):
    """The parameters that need gradients of optimisers, cells and lists of parameters, each once; of all optimisers where none is named."""
    found = {}
    for owner in owners or tuple(OPTIMIZERS):
        if hasattr(owner, "param_groups"):
            parameters = [one for group in owner.param_groups for one in group["params"]]
        elif isinstance(owner, nn.Cell):
            parameters = owner.trainable_params()
        else:
            parameters = [owner] if isinstance(owner, ms.Parameter) else list(owner)
        for one in parameters:
            if one.requires_grad:
                found[id(one)] = one
    return list(found.values())


def differentiate(forward, *owners):
    """Calls ``forward`` and returns what it returns; the first is the loss, which keeps the gradients for ``backward``.

    ``owners``: the optimisers (or cells) whose parameters are differentiated; every optimiser alive where none is named.
    """
    if not _pynative_executor.enable_grad():
        # Under no_grad: a loss that is looked at, not differentiated.
        return forward()
    weights = trainable(owners)
    if not weights:
        raise RuntimeError("There is no parameter to differentiate: make the optimiser before the first training step.")
    kept = []

    def run():
        outputs = forward()
        kept.append(outputs)
        return outputs[0] if isinstance(outputs, tuple) else outputs

    loss, gradients = ms.value_and_grad(run, None, weights)()
    _look_once(forward, gradients)
    outputs = kept[0]
    # The caller may hold the tensor that the function gave, in a dictionary for instance.
    loss.pending = (weights, list(gradients))
    own = outputs[0] if isinstance(outputs, tuple) else outputs
    own.pending = loss.pending
    return (loss, *outputs[1:]) if isinstance(outputs, tuple) else loss


def _look_once(forward, gradients):
    """Warns, at its first call, of a loss that reaches no parameter: MindSpore gives zeros where PyTorch raises."""
    if forward.__code__ in LOOKED_AT:
        return
    LOOKED_AT.add(forward.__code__)
    if not any(bool((one != 0).any()) for one in gradients):
        warnings.warn(
            f"No parameter gets a gradient from the loss at line {forward.__code__.co_firstlineno} of {forward.__code__.co_filename}: "
            "all are zero. If the model was called outside of this function, move that call into it.",
            stacklevel=3,
        )


def backward(loss, gradient=None, retain_graph=None, create_graph=False, inputs=None):
    """Adds the gradients of a loss that ``differentiate`` gave to ``grad`` of its parameters."""
    if gradient is not None:
        refused("Tensor.backward", "gradient", "Multiply the loss by it before it is differentiated.")
    if create_graph:
        refused("Tensor.backward", "create_graph", "Write the inner derivative with mindspore.grad in the forward function.")
    pending = getattr(loss, "pending", None)
    if pending is None:
        raise RuntimeError(
            "This loss was not computed by compat.differentiate, so its gradients are not known: move the computation of the loss "
            "into a function, and call differentiate(function, optimizer)."
        )
    chosen = None if inputs is None else {id(one) for one in ([inputs] if isinstance(inputs, ms.Tensor) else inputs)}
    for parameter, gradient in zip(*pending, strict=True):
        if chosen is not None and id(parameter) not in chosen:
            continue
        before = getattr(parameter, "grad", None)
        # What no_sync() has added up so far is averaged with it.
        parameter.grad = _averaged(parameter, gradient if before is None else before + gradient)
    if not retain_graph:
        loss.pending = None


def derivative(function, count, values, create_graph=False):
    """torch.autograd.grad: the derivatives of a function of ``values``, one number, by the first ``count`` of them.

    Without ``create_graph`` no further derivative follows them.
    """
    found = ms.grad(function, tuple(range(count)))(*values)
    found = found if isinstance(found, tuple) else (found,)
    return found if create_graph else tuple([ops.stop_gradient(one) for one in found])


def weighted_sum(output, weights=None):
    return output.sum() if weights is None else (output * weights).sum()


def scaled_loss(loss, factor):
    """``loss * factor`` with the gradients that are kept for it."""
    value = loss * factor
    if getattr(loss, "pending", None) is not None:
        weights, gradients = loss.pending
        value.pending = (weights, [one * factor for one in gradients])
    return value


def _averaged(parameter, gradient):
    """The mean over the processes, for parameters of a model in DistributedDataParallel."""
    wrapper = getattr(parameter, "averaged_by", None)
    wrapper = wrapper and wrapper()
    if wrapper is None or not wrapper.require_backward_grad_sync:
        return gradient
    return ops.AllReduce()(gradient) / wrapper.world_size


def grad_of(parameter):
    """``parameter.grad``, None before the first backward."""
    return getattr(parameter, "grad", None)


def zero_grad_of(parameters, set_to_none=True):
    """Forgets the gradients, or makes them zero."""
    for one in parameters:
        before = getattr(one, "grad", None)
        one.grad = None if set_to_none or before is None else ops.zeros_like(before)


def _with_gradients(parameters):
    parameters = [parameters] if isinstance(parameters, ms.Tensor) else list(parameters)
    return [one for one in parameters if getattr(one, "grad", None) is not None]


def get_total_norm(tensors, norm_type=2.0, error_if_nonfinite=False, foreach=None):
    """The norm of all values of the tensors together."""
    tensors = [tensors] if isinstance(tensors, ms.Tensor) else list(tensors)
    if not tensors:
        return ms.Tensor(0.0)
    if norm_type == float("inf"):
        total = ops.stack([one.abs().max() for one in tensors]).max()
    else:
        parts = [(one.astype(ms.float32).abs() ** norm_type).sum() for one in tensors]
        total = ops.stack(parts).sum() ** (1.0 / norm_type)
    if error_if_nonfinite and not bool(ops.isfinite(total)):
        raise RuntimeError(f"The total norm of order {norm_type} of the gradients is not finite, so it cannot be clipped.")
    return total


def clip_grad_norm_(parameters, max_norm, norm_type=2.0, error_if_nonfinite=False, foreach=None):
    """Scales the gradients so that their norm is at most ``max_norm``; returns the norm before."""
    found = _with_gradients(parameters)
    total = get_total_norm([one.grad for one in found], float(norm_type), error_if_nonfinite)
    factor = ops.minimum(float(max_norm) / (total + 1e-6), ms.Tensor(1.0))
    for one in found:
        one.grad = one.grad * factor.astype(one.grad.dtype)
    return total


def clip_grad_value_(parameters, clip_value, foreach=None):
    """Limits every value of the gradients to ``-clip_value … clip_value``."""
    for one in _with_gradients(parameters):
        one.grad = ops.clamp(one.grad, -float(clip_value), float(clip_value))


class no_grad(contextlib.ContextDecorator):
    """What runs inside gets no gradient, though it runs inside a differentiated function (PyNative); also a decorator, with brackets or without."""

    def __new__(cls, fn=None):
        return super().__new__(cls) if fn is None else super().__new__(cls)(fn)

    def __init__(self, fn=None):
        self.entered = []

    def _recreate_cm(self):
        return type(self)()

    def __enter__(self):
        self.entered.append(ms._no_grad())
        self.entered[-1].__enter__()
        return self

    def __exit__(self, *error):
        return self.entered.pop().__exit__(*error)


def inference_mode(mode=True):
    """torch.inference_mode; without brackets it gets the function."""
    return no_grad(mode) if callable(mode) else no_grad() if mode else contextlib.nullcontext()


def set_grad_enabled(mode):
    """torch.set_grad_enabled as a context manager."""
    return contextlib.nullcontext() if mode else no_grad()


def enable_grad(orig_func=None):
    """torch.enable_grad: value_and_grad decides, so nothing changes."""
    return contextlib.nullcontext() if orig_func is None else orig_func


def requires_grad_of(input):
    """Tensor.requires_grad: a parameter's flag; other tensors have none, MindSpore differentiates functions of them."""
    return input.requires_grad if isinstance(input, ms.Parameter) else False
