"""One side of the comparison in a process of its own: answers lines of JSON with lines of JSON, and rests in between.

`python side.py torch SOURCE CASE FOLDER` and `python side.py mindspore OUT PORT FOLDER`. FOLDER carries the weights and inputs.
"""

import importlib.util
import json
import sys
import time
from pathlib import Path

import numpy as np

RATE = 1e-3


def load_module(path):
    spec = importlib.util.spec_from_file_location(path.stem if path.stem == "case" else f"port_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where MindSpore's compiler looks for what a function names
    spec.loader.exec_module(module)
    return module


def move_constants(model):
    """Weights that are all alike get noise: a head of noughts would give noughts whatever comes before it, and nothing would be compared."""
    import torch

    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in model.parameters():
            if bool((parameter == parameter.flatten()[0]).all()):
                parameter += 0.05 * torch.randn(parameter.shape, generator=generator)


def torch_side(source, case, folder):
    import torch

    sys.path.insert(0, str(source))
    module = load_module(case)
    model = module.build()
    inputs = module.inputs()
    move_constants(model)
    np.savez(folder / "state.npz", **{name: value.numpy() for name, value in model.state_dict().items()})
    np.savez(folder / "inputs.npz", *[one.numpy() for one in inputs])
    start = {name: value.clone() for name, value in model.state_dict().items()}
    state = {}

    def reset():
        model.load_state_dict(start)
        state["optimizer"] = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.01)

    def forward():
        with torch.no_grad():
            return model(*inputs).numpy()

    def step():
        out = model(*inputs)
        loss = out if out.ndim == 0 else (out * out).mean()
        state["optimizer"].zero_grad()
        loss.backward()
        state["optimizer"].step()
        return loss.detach().numpy()

    reset()
    return {"torch": {"forward": forward, "step": step, "reset": reset}}, {
        "parameters": sum(p.numel() for p in model.parameters()),
        "version": torch.__version__,
    }


def mindspore_side(out, port, folder):
    import mindspore as ms
    from mindspore.experimental import optim

    sys.path.insert(0, str(out))
    case = load_module(out / "case.py")
    import tradewind_compat as compat

    given = dict(np.load(folder / "state.npz"))
    inputs = [ms.Tensor(one) for one in np.load(folder / "inputs.npz").values()]
    hand = load_module(port)
    own = hand.state(given)
    renamed = {"gamma": "weight", "beta": "bias"}

    def load_port(net):
        left = dict(own)
        for name, parameter in net.parameters_and_names():
            path, _, last = name.rpartition(".")
            value = left.pop(f"{path}.{renamed.get(last, last)}" if path else name)
            ms.ops.assign(parameter, ms.Tensor(value.reshape(parameter.shape)))
        if left:
            raise KeyError(f"the port has no place for {', '.join(left)}")

    def load_migrated(net):
        told = compat.load_torch_state(net, given)
        if told["missing"] or told["unexpected"]:
            raise KeyError(str(told))

    def prepare(net, load):
        load(net)
        net.set_train(True)
        parameters = ms.ParameterTuple([one for one in net.get_parameters() if one.requires_grad])
        optimizer = optim.AdamW(list(parameters), lr=RATE, weight_decay=0.01)
        zeros = [ms.Tensor(np.zeros(one.shape, np.float32)) for one in parameters]

        def loss_of(*given):
            output = net(*given)
            return output if len(output.shape) == 0 else (output * output).mean()

        derive = ms.value_and_grad(loss_of, None, parameters)

        def whole(*given):
            loss, gradients = derive(*given)
            optimizer(gradients)
            return loss

        def plain(*given):
            return net(*given)

        run_forward, run_step = ms.jit(plain), ms.jit(whole)

        def reset():
            load(net)
            ms.ops.assign(optimizer.state_step, ms.Tensor(np.zeros(optimizer.state_step.shape), optimizer.state_step.dtype))
            for moments in (optimizer.exp_avg, optimizer.exp_avg_sq):
                for moment, zero in zip(moments, zeros, strict=True):
                    ms.ops.assign(moment, zero)

        return {"forward": lambda: run_forward(*inputs).asnumpy(), "step": lambda: run_step(*inputs).asnumpy(), "reset": reset}

    return {
        "migrated": prepare(case.build(), load_migrated),
        "port": prepare(hand.build(case.ARGUMENTS), load_port),
    }, {"version": ms.__version__}


def main():
    side, folder = sys.argv[1], Path(sys.argv[4])
    sides, about = {"torch": torch_side, "mindspore": mindspore_side}[side](Path(sys.argv[2]), Path(sys.argv[3]), folder)
    print(json.dumps(about), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        does = sides[asked["who"]]
        if asked["do"] == "check":
            does["reset"]()
            np.save(folder / f"{asked['who']}.npy", does["forward"]())
            begun = time.perf_counter()
            losses = [float(does["step"]()) for _ in range(asked["steps"])]
            print(json.dumps({"losses": losses, "seconds": time.perf_counter() - begun}), flush=True)
        else:
            begun = time.perf_counter()
            does[asked["do"]]()
            print(json.dumps({"seconds": time.perf_counter() - begun}), flush=True)


if __name__ == "__main__":
    main()
