"""torch.amp: autocast by MindSpore's own automatic mixed precision, and a GradScaler on the gradients that compat keeps."""

import contextlib

import mindspore as ms
from mindspore import ops
from mindspore.train import amp

from .gradients import scaled_loss


class autocast(contextlib.ContextDecorator):
    """Operators inside run in half precision where MindSpore's lists say so (PyNative). On the CPU, which has no such kernels, nothing changes."""

    def __init__(self, device_type="cuda", dtype=None, enabled=True, cache_enabled=None):
        # torch.cuda.amp.autocast(enabled) has no device.
        if isinstance(device_type, bool):
            device_type, enabled = "cuda", device_type
        self.fast_dtype = dtype if dtype is not None else ms.bfloat16 if str(device_type) == "cpu" else ms.float16
        self.enabled = bool(enabled) and ms.get_context("device_target") != "CPU" and self.fast_dtype != ms.float32
        self.entered = []

    def __enter__(self):
        if self.enabled:
            table = amp.AMP_PRIM_ARG_TABLE
            white, black = ([(one.__name__, table[one]) for one in names] for names in (amp.AMP_AUTO_WHITE_LIST, amp.AMP_AUTO_BLACK_LIST))
            self.entered.append(amp.AmpDecorator(amp.AmpLevel.AmpAuto, self.fast_dtype, white, black))
            self.entered[-1].__enter__()
        return self

    def __exit__(self, *error):
        if self.enabled:
            self.entered.pop().__exit__(*error)


class GradScaler:
    """Scales losses up so that small gradients survive half precision, and skips steps whose gradients are not finite."""

    def __init__(self, device="cuda", init_scale=2.0**16, growth_factor=2.0, backoff_factor=0.5, growth_interval=2000, enabled=True):
        self.factor, self.growth_factor, self.backoff_factor = float(init_scale), growth_factor, backoff_factor
        self.growth_interval, self.enabled, self.device = growth_interval, bool(enabled), device
        self.good_steps = 0
        # By optimiser: are its gradients finite? Known once they are unscaled.
        self.finite = {}

    def scale(self, outputs):
        if not self.enabled:
            return outputs
        if isinstance(outputs, (list, tuple)):
            return type(outputs)(self.scale(one) for one in outputs)
        return scaled_loss(outputs, self.factor)

    def unscale_(self, optimizer):
        if not self.enabled:
            return
        if id(optimizer) in self.finite:
            raise RuntimeError("unscale_() has already been called on this optimizer since the last update().")
        finite = True
        for group in optimizer.param_groups:
            for one in group["params"]:
                if one.grad is not None:
                    one.grad = one.grad * (1.0 / self.factor)
                    finite = finite and bool(ops.isfinite(one.grad).all())
        self.finite[id(optimizer)] = finite

    def step(self, optimizer, *args, **kwargs):
        if not self.enabled:
            return optimizer.step(*args, **kwargs)
        if id(optimizer) not in self.finite:
            self.unscale_(optimizer)
        return optimizer.step(*args, **kwargs) if self.finite[id(optimizer)] else None

    def update(self, new_scale=None):
        if not self.enabled:
            return
        if new_scale is not None:
            self.factor = float(new_scale)
        elif not all(self.finite.values()):
            self.factor *= self.backoff_factor
            self.good_steps = 0
        else:
            self.good_steps += 1
            if self.good_steps == self.growth_interval:
                self.factor *= self.growth_factor
                self.good_steps = 0
        self.finite.clear()

    def get_scale(self):
        return self.factor if self.enabled else 1.0

    def is_enabled(self):
        return self.enabled

    def state_dict(self):
        if not self.enabled:
            return {}
        return {
            "scale": self.factor,
            "growth_factor": self.growth_factor,
            "backoff_factor": self.backoff_factor,
            "growth_interval": self.growth_interval,
            "_growth_tracker": self.good_steps,
        }

    def load_state_dict(self, state_dict):
        if not self.enabled:
            return
        self.factor, self.good_steps = float(state_dict["scale"]), state_dict["_growth_tracker"]
        self.growth_factor, self.backoff_factor = state_dict["growth_factor"], state_dict["backoff_factor"]
        self.growth_interval = state_dict["growth_interval"]


def cuda_grad_scaler(init_scale=2.0**16, growth_factor=2.0, backoff_factor=0.5, growth_interval=2000, enabled=True):
    """torch.cuda.amp.GradScaler, which has no device argument."""
    return GradScaler("cuda", init_scale, growth_factor, backoff_factor, growth_interval, enabled)


def cuda_autocast(enabled=True, dtype=ms.float16, cache_enabled=True):
    """torch.cuda.amp.autocast, which has no device argument."""
    return autocast("cuda", dtype, enabled, cache_enabled)
