"""torch.optim.swa_utils: running averages of a model's weights (EMA and SWA)."""

import copy

from mindspore import ops

from .module import Module, torch_named_parameters


class AveragedModel(Module):
    """A copy of a model whose weights are the mean, or a moving average, of what ``update_parameters`` saw."""

    def __init__(self, model, device=None, avg_fn=None, multi_avg_fn=None, use_buffers=False):
        super().__init__()
        self.module = copy.deepcopy(model)
        self.module.requires_grad_(False)
        self.n_averaged = 0
        self.avg_fn, self.multi_avg_fn, self.use_buffers = avg_fn, multi_avg_fn, use_buffers

    def construct(self, *args, **kwargs):
        return self.module(*args, **kwargs)

    def update_parameters(self, model):
        own, new = _averaged_tensors(self.module, self.use_buffers), _averaged_tensors(model, self.use_buffers)
        if self.n_averaged > 0 and self.multi_avg_fn is not None:
            self.multi_avg_fn(own, new, self.n_averaged)
        for mean, value in zip(own, new, strict=True):
            if self.n_averaged == 0:
                ops.assign(mean, value.astype(mean.dtype))
            elif self.multi_avg_fn is None:
                average = self.avg_fn or _running_mean
                ops.assign(mean, average(mean, value, self.n_averaged).astype(mean.dtype))
        self.n_averaged += 1


def _running_mean(averaged, current, num_averaged):
    return averaged + (current - averaged) / (num_averaged + 1)


def _averaged_tensors(model, use_buffers):
    if not use_buffers:
        return [one for _, one in torch_named_parameters(model)]
    return [one for one in model.get_parameters()] + [one for one in model.buffers() if one is not None]


def get_ema_avg_fn(decay=0.999):
    """decay · average + (1 − decay) · new."""
    return lambda averaged, current, num_averaged: decay * averaged + (1 - decay) * current


def get_ema_multi_avg_fn(decay=0.999):
    def update(averaged, current, num_averaged):
        for mean, value in zip(averaged, current, strict=True):
            ops.assign(mean, (mean + (1 - decay) * (value - mean)).astype(mean.dtype))

    return update


def get_swa_avg_fn():
    return _running_mean


def update_bn(loader, model, device=None):
    """Runs the data through the model, so that its batch norms learn their running statistics anew."""
    training = model.training
    norms = [one for one in model.modules() if getattr(one, "running_mean", None) is not None]
    kept = [(one, one.momentum) for one in norms]
    for one in norms:
        ops.assign(one.running_mean, ops.zeros_like(one.running_mean))
        ops.assign(one.running_var, ops.ones_like(one.running_var))
        ops.assign(one.num_batches_tracked, ops.zeros_like(one.num_batches_tracked))
        one.momentum = None
    model.train()
    for batch in loader:
        model(batch[0] if isinstance(batch, (list, tuple)) else batch)
    for one, momentum in kept:
        one.momentum = momentum
    model.train(training)
