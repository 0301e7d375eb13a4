"""torch.optim on MindSpore: parameter groups as dictionaries, per-parameter state, ``step`` from ``parameter.grad``, and PyTorch's formulas.

MindSpore's own optimisers differ in them (nn.AdamWeightDecay has no bias correction), and take their learning rate once.
"""

import collections
import math

import mindspore as ms
from mindspore import ops

from .complexes import view_as_complex, view_as_real
from .dtypes import is_complex
from .gradients import OPTIMIZERS, zero_grad_of
from .unsupported import refused


class Optimizer:
    """Base of the optimisers, and of the user's own: ``param_groups``, ``state``, ``zero_grad``, ``state_dict``."""

    def __init__(self, params, defaults):
        self.defaults = dict(defaults)
        self.state = collections.defaultdict(dict)
        self.param_groups = []
        groups = list(params)
        if not groups:
            raise ValueError("optimizer got an empty parameter list")
        for group in groups if isinstance(groups[0], dict) else [{"params": groups}]:
            self.add_param_group(group)
        OPTIMIZERS.add(self)

    def add_param_group(self, param_group):
        group = dict(param_group)
        given = group["params"]
        group["params"] = [given] if isinstance(given, ms.Tensor) else list(given)
        # `named_parameters()` is taken too.
        group["params"] = [one[1] if isinstance(one, tuple) else one for one in group["params"]]
        known = {id(one) for other in self.param_groups for one in other["params"]}
        if any(id(one) in known for one in group["params"]):
            raise ValueError("some parameters appear in more than one parameter group")
        for name, value in self.defaults.items():
            group.setdefault(name, value)
        for one in group["params"]:
            one.grad = getattr(one, "grad", None)
        self.param_groups.append(group)

    def zero_grad(self, set_to_none=True):
        for group in self.param_groups:
            zero_grad_of(group["params"], set_to_none)

    def step(self, closure=None):
        loss = closure() if closure is not None else None
        for group in self.param_groups:
            for parameter in group["params"]:
                # A parameter without elements stays as it is; MindSpore's kernels fail on such.
                if parameter.grad is not None and parameter.size > 0:
                    gradient = -parameter.grad if group.get("maximize") else parameter.grad
                    self._move(parameter, gradient, group)
        return loss

    def _move(self, parameter, gradient, group):
        if not is_complex(parameter):
            self.update(parameter, gradient, self.state[parameter], group)
            return
        # A complex number counts as two, as it does for PyTorch's optimisers.
        parts = ms.Parameter(view_as_real(parameter).contiguous())
        self.update(parts, view_as_real(gradient), self.state[parameter], group)
        ops.assign(parameter, view_as_complex(parts))

    def update(self, parameter, gradient, state, group):
        """One parameter's step."""
        raise NotImplementedError(f"{type(self).__name__} has neither step nor update.")

    def state_dict(self):
        number, groups = {}, []
        for group in self.param_groups:
            for one in group["params"]:
                number.setdefault(id(one), len(number))
            groups.append({**group, "params": [number[id(one)] for one in group["params"]]})
        return {"state": {number[id(one)]: dict(values) for one, values in self.state.items()}, "param_groups": groups}

    def load_state_dict(self, state_dict):
        parameters = [one for group in self.param_groups for one in group["params"]]
        saved = state_dict["param_groups"]
        if [len(one["params"]) for one in saved] != [len(one["params"]) for one in self.param_groups]:
            raise ValueError("the loaded state has parameter groups of other sizes than this optimizer's")
        for group, other in zip(self.param_groups, saved, strict=True):
            group.update({name: value for name, value in other.items() if name != "params"})
        order = [number for group in saved for number in group["params"]]
        self.state.clear()
        for number, parameter in zip(order, parameters, strict=True):
            values = state_dict["state"].get(number, state_dict["state"].get(str(number)))
            if values is not None:
                self.state[parameter] = dict(values)


def decayed(parameter, gradient, group):
    """The gradient with weight decay as a penalty (L2) in it."""
    return gradient + group["weight_decay"] * parameter if group["weight_decay"] else gradient


def move(parameter, change):
    """``parameter += change``, the object staying the same."""
    ops.assign(parameter, (parameter + change).astype(parameter.dtype))


def shrink(parameter, group):
    """Decoupled weight decay."""
    if group["weight_decay"]:
        ops.assign(parameter, parameter * (1 - group["lr"] * group["weight_decay"]))


def counted(state, parameter, *names):
    """The number of this step; tensors of zeros at the first one."""
    if "step" not in state:
        state["step"] = 0
        for name in names:
            state[name] = ops.zeros_like(parameter)
    state["step"] += 1
    return state["step"]


def _not_differentiable(api, differentiable):
    if differentiable:
        refused(api, "differentiable", "Write the update in the forward function and differentiate it.")


class SGD(Optimizer):
    def __init__(
        self, params, lr=1e-3, momentum=0, dampening=0, weight_decay=0, nesterov=False, *, maximize=False, foreach=None, differentiable=False,
        fused=None,
    ):  # fmt: skip
        _not_differentiable("torch.optim.SGD", differentiable)
        super().__init__(
            params,
            dict(lr=lr, momentum=momentum, dampening=dampening, weight_decay=weight_decay, nesterov=nesterov, maximize=maximize),
        )

    def update(self, parameter, gradient, state, group):
        gradient = decayed(parameter, gradient, group)
        if group["momentum"]:
            before = state.get("momentum_buffer")
            buffer = gradient if before is None else group["momentum"] * before + (1 - group["dampening"]) * gradient
            state["momentum_buffer"] = buffer
            gradient = gradient + group["momentum"] * buffer if group["nesterov"] else buffer
        move(parameter, -group["lr"] * gradient)


class Adam(Optimizer):
    """Adam; with ``decoupled_weight_decay`` AdamW."""

    def __init__(
        self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, amsgrad=False, *, foreach=None, maximize=False, capturable=False,
        differentiable=False, fused=None, decoupled_weight_decay=False,
    ):  # fmt: skip
        _not_differentiable("torch.optim.Adam", differentiable)
        defaults = dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, amsgrad=amsgrad, maximize=maximize)
        super().__init__(params, dict(defaults, decoupled_weight_decay=decoupled_weight_decay))

    def update(self, parameter, gradient, state, group):
        first, second = group["betas"]
        if group["decoupled_weight_decay"]:
            shrink(parameter, group)
        else:
            gradient = decayed(parameter, gradient, group)
        step = counted(state, parameter, "exp_avg", "exp_avg_sq", *(["max_exp_avg_sq"] if group["amsgrad"] else []))
        state["exp_avg"] = state["exp_avg"] + (1 - first) * (gradient - state["exp_avg"])
        square = state["exp_avg_sq"] = second * state["exp_avg_sq"] + (1 - second) * gradient * gradient
        if group["amsgrad"]:
            square = state["max_exp_avg_sq"] = ops.maximum(state["max_exp_avg_sq"], square)
        denominator = ops.sqrt(square) / math.sqrt(1 - second**step) + group["eps"]
        move(parameter, -(group["lr"] / (1 - first**step)) * state["exp_avg"] / denominator)


class AdamW(Adam):
    def __init__(
        self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2, amsgrad=False, *, maximize=False, foreach=None,
        capturable=False, differentiable=False, fused=None,
    ):  # fmt: skip
        super().__init__(
            params, lr, betas, eps, weight_decay, amsgrad, maximize=maximize, differentiable=differentiable, decoupled_weight_decay=True
        )


class NAdam(Optimizer):
    def __init__(
        self, params, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, momentum_decay=4e-3, decoupled_weight_decay=False, *,
        foreach=None, maximize=False, capturable=False, differentiable=False,
    ):  # fmt: skip
        _not_differentiable("torch.optim.NAdam", differentiable)
        defaults = dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, momentum_decay=momentum_decay, maximize=maximize)
        super().__init__(params, dict(defaults, decoupled_weight_decay=decoupled_weight_decay))

    def update(self, parameter, gradient, state, group):
        first, second = group["betas"]
        if group["decoupled_weight_decay"]:
            shrink(parameter, group)
        else:
            gradient = decayed(parameter, gradient, group)
        step = counted(state, parameter, "exp_avg", "exp_avg_sq")
        momentum = first * (1 - 0.5 * 0.96 ** (step * group["momentum_decay"]))
        following = first * (1 - 0.5 * 0.96 ** ((step + 1) * group["momentum_decay"]))
        product = state["mu_product"] = state.get("mu_product", 1.0) * momentum
        state["exp_avg"] = state["exp_avg"] + (1 - first) * (gradient - state["exp_avg"])
        state["exp_avg_sq"] = second * state["exp_avg_sq"] + (1 - second) * gradient * gradient
        denominator = ops.sqrt(state["exp_avg_sq"] / (1 - second**step)) + group["eps"]
        move(parameter, -group["lr"] * (1 - momentum) / (1 - product) * gradient / denominator)
        move(parameter, -group["lr"] * following / (1 - product * following) * state["exp_avg"] / denominator)


class RAdam(Optimizer):
    def __init__(
        self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, decoupled_weight_decay=False, *, foreach=None, maximize=False,
        capturable=False, differentiable=False,
    ):  # fmt: skip
        _not_differentiable("torch.optim.RAdam", differentiable)
        defaults = dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, maximize=maximize)
        super().__init__(params, dict(defaults, decoupled_weight_decay=decoupled_weight_decay))

    def update(self, parameter, gradient, state, group):
        first, second = group["betas"]
        if group["decoupled_weight_decay"]:
            shrink(parameter, group)
        else:
            gradient = decayed(parameter, gradient, group)
        step = counted(state, parameter, "exp_avg", "exp_avg_sq")
        state["exp_avg"] = state["exp_avg"] + (1 - first) * (gradient - state["exp_avg"])
        state["exp_avg_sq"] = second * state["exp_avg_sq"] + (1 - second) * gradient * gradient
        correction = 1 - second**step
        longest = 2 / (1 - second) - 1
        length = longest - 2 * step * second**step / correction
        change = state["exp_avg"] / (1 - first**step)
        if length > 5:
            rectified = math.sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length))
            change = change * rectified * (math.sqrt(correction) / (ops.sqrt(state["exp_avg_sq"]) + group["eps"]))
        move(parameter, -group["lr"] * change)


class Adamax(Optimizer):
    def __init__(
        self, params, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, foreach=None, *, maximize=False, differentiable=False,
        capturable=False,
    ):  # fmt: skip
        _not_differentiable("torch.optim.Adamax", differentiable)
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, maximize=maximize))

    def update(self, parameter, gradient, state, group):
        first, second = group["betas"]
        gradient = decayed(parameter, gradient, group)
        step = counted(state, parameter, "exp_avg", "exp_inf")
        state["exp_avg"] = state["exp_avg"] + (1 - first) * (gradient - state["exp_avg"])
        state["exp_inf"] = ops.maximum(second * state["exp_inf"], gradient.abs() + group["eps"])
        move(parameter, -(group["lr"] / (1 - first**step)) * state["exp_avg"] / state["exp_inf"])


class RMSprop(Optimizer):
    def __init__(
        self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0, momentum=0, centered=False, capturable=False, foreach=None,
        maximize=False, differentiable=False,
    ):  # fmt: skip
        _not_differentiable("torch.optim.RMSprop", differentiable)
        defaults = dict(lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay, momentum=momentum, centered=centered, maximize=maximize)
        super().__init__(params, defaults)

    def update(self, parameter, gradient, state, group):
        gradient = decayed(parameter, gradient, group)
        counted(state, parameter, "square_avg", "momentum_buffer", "grad_avg")
        alpha = group["alpha"]
        square = state["square_avg"] = alpha * state["square_avg"] + (1 - alpha) * gradient * gradient
        if group["centered"]:
            state["grad_avg"] = state["grad_avg"] + (1 - alpha) * (gradient - state["grad_avg"])
            square = square - state["grad_avg"] * state["grad_avg"]
        change = gradient / (ops.sqrt(square) + group["eps"])
        if group["momentum"]:
            change = state["momentum_buffer"] = group["momentum"] * state["momentum_buffer"] + change
        move(parameter, -group["lr"] * change)


class Adagrad(Optimizer):
    def __init__(
        self, params, lr=1e-2, lr_decay=0, weight_decay=0, initial_accumulator_value=0, eps=1e-10, foreach=None, *, maximize=False,
        differentiable=False, fused=None,
    ):  # fmt: skip
        _not_differentiable("torch.optim.Adagrad", differentiable)
        defaults = dict(lr=lr, lr_decay=lr_decay, eps=eps, weight_decay=weight_decay, maximize=maximize)
        super().__init__(params, dict(defaults, initial_accumulator_value=initial_accumulator_value))

    def update(self, parameter, gradient, state, group):
        gradient = decayed(parameter, gradient, group)
        step = counted(state, parameter)
        before = state.get("sum", group["initial_accumulator_value"])
        state["sum"] = before + gradient * gradient
        rate = group["lr"] / (1 + (step - 1) * group["lr_decay"])
        move(parameter, -rate * gradient / (ops.sqrt(state["sum"]) + group["eps"]))


class Adadelta(Optimizer):
    def __init__(
        self, params, lr=1.0, rho=0.9, eps=1e-6, weight_decay=0, foreach=None, *, capturable=False, maximize=False, differentiable=False
    ):
        _not_differentiable("torch.optim.Adadelta", differentiable)
        super().__init__(params, dict(lr=lr, rho=rho, eps=eps, weight_decay=weight_decay, maximize=maximize))

    def update(self, parameter, gradient, state, group):
        gradient = decayed(parameter, gradient, group)
        counted(state, parameter, "square_avg", "acc_delta")
        rho, eps = group["rho"], group["eps"]
        state["square_avg"] = rho * state["square_avg"] + (1 - rho) * gradient * gradient
        change = ops.sqrt(state["acc_delta"] + eps) / ops.sqrt(state["square_avg"] + eps) * gradient
        state["acc_delta"] = rho * state["acc_delta"] + (1 - rho) * change * change
        move(parameter, -group["lr"] * change)
