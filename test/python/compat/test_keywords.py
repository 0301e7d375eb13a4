"""Arguments may be given by PyTorch's names: every compat function that takes a call as it is written has them."""

import inspect
import re

import torch
import yaml
from merged_compat import COMPAT
from tradewind.measure.operators import compat_namespace

# Given by every constructor and factory, and dropped from calls by the migrator.
DROPPED = {"self", "input", "out", "device", "layout", "pin_memory", "memory_format", "generator", "non_blocking"}
# Name → arguments that a compat function leaves out, and why nobody misses them.
LEFT_OUT = {
    "torch.nn.Hardtanh": {"max_value", "min_value"},  # old names, gone from PyTorch's documentation
    "torch.baddbmm": {"out_dtype"},  # CUDA alone
    "torch.addmm": {"out_dtype"},  # CUDA alone
    "torch.Tensor.addmm": {"out_dtype"},  # CUDA alone
    "torch.Tensor.baddbmm": {"out_dtype"},  # CUDA alone
    **{f"torch.{name}": {"out_dtype"} for name in ("mm", "Tensor.mm", "bmm", "Tensor.bmm")},  # CUDA alone
    "torch.alpha_dropout": {"train"},  # of PyTorch's C function: nn.functional's is what models call
    "torch.feature_alpha_dropout": {"train"},
    "torch.isin": {"element", "test_element"},  # of the overloads with numbers
    "torch.linalg.tensorsolve": {"other"},  # the schema's name; the documented one is B
    "torch.sort": {"reverse"},  # of an overload on Python's lists
    "torch.expand_copy": {"implicit"},  # private
    "torch.nn.SyncBatchNorm": {"process_group"},  # all workers are one group
    "torch.save": {"_disable_byteorder_record"},  # private
    "torch.distributed.barrier": {"timeout"},  # MindSpore's environment says it
    "torch.distributed.broadcast": {"group_src"},  # of sub-groups, which are refused
    "torch.distributed.reduce": {"group_dst"},  # of sub-groups, which are refused
    "torch.nn.parallel.DistributedDataParallel": {  # how PyTorch sends gradients
        *("batched_grad_copy", "bucket_cap_mb_list", "delay_all_reduce_named_params", "device_mesh", "forward_sync_buffers"),
        *("mixed_precision", "param_to_hook_all_reduce", "skip_all_reduce_unused_params"),
    },
    "torch.distributed.init_process_group": {"_ranks"},  # private
    "torch.Tensor.copy_": {"other"},  # another overload of the schema, which no call reaches
    "torch.Tensor.expand": {"implicit"},  # private
    **{f"torch.Sym{kind}": {"node"} for kind in ("Int", "Float", "Bool")},  # a type that nothing is of
    "torch.result_type": {"scalar"},  # of the overload whose first argument is a number
    "torch.nn.RNNCellBase": {"num_chunks"},  # a type: its cells are what is built
    **{f"torch.{name}": {"batch_sizes", "data"} for name in ("lstm", "gru", "rnn_tanh", "rnn_relu")},  # packed sequences, which are refused
    "torch.Tensor.uniform_": {"from", "to"},  # its own names in compat; the first is no name that a call can give: a keyword of Python's
}
PRIVATE = re.compile(r"^torch\.(distributed\.distributed_c10d|nn\.parallel\.distributed)\.")


def rows():
    """(PyTorch's name, compat's name) of every row that hands a call over as it is written."""
    for file in sorted(COMPAT.parent.glob("*.yaml")):
        for row in yaml.safe_load(file.read_text()) or []:
            to = row.get("to")
            to = to.get("portable") if isinstance(to, dict) else to
            found = re.fullmatch(r"compat\.(\w+)", to or "")
            if found and row.get("kind") != "attribute":
                for name in [row["torch"]] if isinstance(row["torch"], str) else row["torch"]:
                    if name.startswith("torch.") and not PRIVATE.match(name):
                        yield name, found[1]


def names_of(name):
    """PyTorch's argument names; of all overloads with tensors where the function is not Python's. Empty where nothing tells."""
    thing = torch
    for part in name.split(".")[1:]:
        thing = getattr(thing, part, None)
    if thing is None:
        return set()
    try:
        listed = inspect.signature(thing).parameters.values()
        return {one.name for one in listed if one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)}
    except (TypeError, ValueError):
        pass
    *_, space, last = name.split(".")
    schemas = torch._C._jit_get_schemas_for_operator(f"aten::{space}_{last}" if space in ("linalg", "fft", "special") else f"aten::{last}")
    overloads = [one for one in schemas if "Dimname" not in str(one) and not any(argument.is_out for argument in one.arguments)]
    tensors = [one for one in overloads if str(one.arguments[0].type) == "Tensor"] if name.startswith("torch.Tensor.") else overloads
    return {argument.name for one in tensors if "Tensor" in str(one) for argument in one.arguments} - {
        "a",
        "b",
        "l",
        "n",
        "t",
        "idx",
        "list",
    }


def test_pytorchs_names_are_taken():
    compat = compat_namespace()
    missing, seen = {}, 0
    for name, function in rows():
        taken = inspect.signature(compat[function]).parameters.values()
        if any(one.kind is one.VAR_KEYWORD for one in taken):
            continue
        by_name = {one.name for one in taken if one.kind is not one.VAR_POSITIONAL}
        seen += 1
        lacking = names_of(name) - by_name - DROPPED - LEFT_OUT.get(name, set())
        if lacking:
            missing[f"{name} → compat.{function}"] = sorted(lacking)
    assert seen > 300
    assert not missing, "\n".join(f"{name}: {lacking}" for name, lacking in missing.items())
