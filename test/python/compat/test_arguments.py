"""Nothing is silently ignored: what a compat function or constructor takes, it uses, refuses by name, or it is listed here with the reason."""

import ast

import mindspore as ms
import numpy as np
import pytest
import torch
from merged_compat import compat_files
from tradewind.measure.operators import compat_namespace

COMPAT = compat_namespace()

# Parameter → why it changes nothing on MindSpore, wherever it stands.
EVERYWHERE = {
    "device": "MindSpore's context decides the place",
    "layout": "MindSpore has dense tensors",
    "memory_format": "MindSpore decides the layout in memory",
    "pin_memory": "MindSpore copies by itself",
    "requires_grad": "value_and_grad names what is differentiated",
    "inplace": "the result is what counts: the migrator assigns it",
    "sparse": "the form of a gradient, not its values",
    "sparse_grad": "the form of a gradient, not its values",
    "_stacklevel": "of a warning",
    "output_size": "spares CUDA a synchronisation",
    "foreach": "how PyTorch's optimisers launch their kernels",
    "fused": "how PyTorch's optimisers launch their kernels",
    "capturable": "of CUDA graphs",
}
# Function, or Class.method → its own.
THERE = {
    "constant_method.__get__": {"kind"},  # Python gives every descriptor the class
    "nothing_around.__init__": {"args", "check_nan", "mode", "msg", "name"},  # of marks for a profiler, of anomaly detection
    "checkpoint": {"use_reentrant", "preserve_rng_state", "context_fn", "determinism_check", "debug"},  # how PyTorch recomputes
    "checkpoint_sequential": {"segments", "use_reentrant"},
    # MindSpore gives every bprop the inputs and the output.
    "SegmentSum.bprop": {"source", "out"},
    "ExactGELU.bprop": {"out"},
    "LayerNormalised.bprop": {"out"},
    "Module.named_modules": {"memo"},  # PyTorch's own bookkeeping between its recursive calls
    "Module.__init__": {"args", "kwargs"},  # PyTorch's takes and ignores them too
    "Identity.__init__": {"args", "kwargs"},  # as PyTorch's
    "no_grad.__init__": {"fn"},  # taken by __new__
    "plain_block.__init__": {"args", "kwargs"},  # of contexts that have no meaning on MindSpore
    "plain_block.__exit__": {"error"},  # it passes on
    "autocast.__init__": {"cache_enabled"},  # how PyTorch keeps cast weights
    "save": {"pickle_module", "pickle_protocol", "_use_new_zipfile_serialization"},  # of PyTorch's file format
    "load": {"map_location", "mmap", "pickle_load_args", "pickle_module", "weights_only"},  # of PyTorch's file format and devices
    "Dataset.__getitem__": {"index"},  # the user's class has it
    "Optimizer.update": {"parameter", "gradient", "state", "group"},  # so have the optimisers
    "DataLoader.__init__": {"multiprocessing_context", "persistent_workers", "pin_memory_device"},  # workers are threads
    "init_process_group": {"backend", "device_id", "init_method", "timeout"},  # msrun's environment says them
    "barrier": {"async_op", "device_ids"},
    "DistributedDataParallel.__init__": {
        *("device_ids", "output_device", "dim"),  # one process, one device
        *(
            "bucket_cap_mb",
            "gradient_as_bucket_view",
            "static_graph",
            "find_unused_parameters",
            "check_reduction",
        ),  # when PyTorch sends gradients
        "broadcast_buffers",  # each process keeps its own running statistics, as with PyTorch's False
    },
    "DataParallel.__init__": {"device_ids", "output_device", "dim"},
    "inv_ex": {"check_errors"},  # MindSpore's kernels raise by themselves
    "solve_ex": {"check_errors"},
    "cholesky_ex": {"check_errors"},
    "lu_factor_ex": {"check_errors"},
    "svd": {"driver"},  # which library computes it
    "svd_lowrank": {"niter"},  # it is exact without repetition
    "pca_lowrank": {"niter"},
    # A tensor without values has no layout to speak of: MindSpore's are contiguous.
    "empty_permuted": {"physical_layout"},
    "empty_strided": {"stride"},
    "new_empty_strided": {"stride"},
    "cdist": {"compute_mode"},  # which way it is computed
    "isin": {"assume_unique"},  # a promise that makes PyTorch faster
    "sort": {"stable"},  # always is
    "topk": {"sorted"},  # always is
    "unique": {"sorted"},  # always is
    "TransformerEncoder.__init__": {"enable_nested_tensor", "mask_check"},  # PyTorch's fast path
    "multi_head_attention_forward": {"embed_dim_to_check"},  # a check of PyTorch's own
    "chosen_kernel": {"backends", "options"},  # which kernel computes it
    "tensor_type": {"non_blocking"},  # there is no copy to wait for
    "Lazy.parameter_shapes": {"size"},  # what the kinds of lazy layers fill in
    "LazyNormalisation.size_of_state": {"name"},
    "gumbel_softmax": {"eps"},  # PyTorch ignores it too, and says so
    "vmap": {"chunk_size"},  # in how many pieces it is computed
    "register_parametrization": {"unsafe"},  # PyTorch's own check of shapes, left out
    "linear_cross_entropy": {"options"},  # in how many pieces it is computed
    # How opt_einsum finds an order and who computes it; the result is the same. A metaclass's methods are given the class.
    "contract": {"backend", "memory_limit", "optimize", "use_blas"},
    "contract_expression": {"memory_limit", "optimize", "use_blas"},
    "contract_path": {"memory_limit", "optimize", "use_blas"},
    "ParameterType.__call__": {"cls"},
    "ParameterType.__instancecheck__": {"cls"},
    "ParameterType.__subclasscheck__": {"cls"},
    "nothing": {"args", "kwargs"},
    "undecorated": {"args", "kwargs"},  # compiler settings
}
# What stands in for something absent takes anything in order to refuse it.
STAND_INS = {"Unsupported", "OptionalPackage"}


def definitions():
    """(name, definition) of every public function and every method of a public class."""
    for tree in compat_files().values():
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                yield node.name, node
            elif isinstance(node, ast.ClassDef) and node.name not in STAND_INS:
                yield from ((f"{node.name}.{inner.name}", inner) for inner in node.body if isinstance(inner, ast.FunctionDef))


def ignored(node):
    given = node.args
    names = {one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg) if one}
    used = {inner.id for statement in node.body for inner in ast.walk(statement) if isinstance(inner, ast.Name)}
    return names - used - {"self"}


def test_every_parameter_is_used_or_justified():
    silent, stale = [], []
    for name, node in definitions():
        allowed = THERE.get(name, set())
        silent += [f"{name}: {one}" for one in sorted(ignored(node) - allowed - set(EVERYWHERE))]
        stale += [f"{name}: {one}" for one in sorted(allowed - ignored(node))]
    assert not silent, f"accepted and never used: {silent}"
    assert not stale, f"justified, but used or not there: {stale}"
    assert set(THERE) <= {name for name, _ in definitions()}


VALUES = ms.Tensor(np.ones((1, 1, 4, 4), np.float32))
REFUSED = {
    "zeros": lambda: COMPAT["zeros"](2, out=VALUES),
    "norm": lambda: COMPAT["norm"](VALUES, out=VALUES),
    "interpolate": lambda: COMPAT["interpolate"](VALUES, 2, mode="bilinear", antialias=True),
}


@pytest.mark.parametrize("name", list(REFUSED))
def test_what_is_not_there_is_refused_with_api_argument_and_remedy(name):
    with pytest.raises(NotImplementedError, match=rf"^torch\.[\w.]*{name}: the argument [\w ]+ has no MindSpore form yet\. [A-Z].*\.$"):
        REFUSED[name]()


def test_dtype_generator_and_freezing_are_honoured():
    assert COMPAT["Linear"](3, 2, dtype=ms.float64).weight.dtype == ms.float64
    assert COMPAT["BatchNorm1d"](3, dtype=ms.float16).running_var.dtype == ms.float16
    assert not COMPAT["Embedding"](3, 2, _freeze=True).weight.requires_grad
    assert COMPAT["vector_norm"](VALUES, dtype=ms.float64).dtype == ms.float64
    draws = [COMPAT["randn"](2, 3, generator=COMPAT["Generator"]().manual_seed(4)).asnumpy() for _ in range(2)]
    assert np.array_equal(*draws) and not np.array_equal(draws[0], COMPAT["randn"](2, 3).asnumpy())
    filled = [
        COMPAT["trunc_normal_"](COMPAT["new_parameter"](5, 6), generator=COMPAT["Generator"]().manual_seed(4)).asnumpy() for _ in range(2)
    ]
    assert np.array_equal(*filled) and filled[0].std() > 0.1


def test_the_older_switches_of_losses_decide():
    ours, theirs = COMPAT["mse_loss"], torch.nn.functional.mse_loss
    a, b = np.arange(6, dtype=np.float32).reshape(2, 3), np.ones((2, 3), np.float32)
    for keywords in ({"size_average": False}, {"reduce": False}, {"reduce": True}, {"size_average": True, "reduce": True}):
        with pytest.warns(UserWarning, match="size_average and reduce"):
            right = theirs(torch.from_numpy(a), torch.from_numpy(b), **keywords).numpy()
        assert np.array_equal(ours(ms.Tensor(a), ms.Tensor(b), **keywords).asnumpy(), right)
