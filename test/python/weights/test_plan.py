"""Which tensors are the weights, what each becomes, and safetensors files: without a framework's process."""

import numpy as np
import pytest
import safetensors.torch
import torch
from tradewind.events import TradewindError
from tradewind.weights.choose import choose, matching_prefix, wrapper_prefix
from tradewind.weights.formats import directions, shards
from tradewind.weights.layers import table
from tradewind.weights.plan import Slot, Source, by_model, by_names
from tradewind.weights.tensor_file import Writer, array_of, read_header


def paths(*names):
    return [tuple(name.split("/")) for name in names]


def source(**shapes):
    return Source(shapes, dict.fromkeys(shapes, "float32"))


def statuses(plan):
    return {one.source or one.target: one.status for one in plan.tensors}


def slot(torch_name, shape, own=None, axis=None, layer="", tied=None, kind="parameter"):
    own = own or torch_name
    return Slot(torch_name, own, own, kind, layer, shape, "float32", axis, tied or hash(own))


def test_the_likeliest_dictionary_is_taken_and_the_averaged_one_is_named():
    chosen = choose(paths("optimizer/state/0/m", "state_dict/a.weight", "ema/a.weight"), None, "f.pt")
    assert chosen.root == ("state_dict",)
    assert "--key ema" in chosen.notes[0]
    assert choose(paths("model/state_dict/a", "model/ema/a"), None, "f").root == ("model", "state_dict")
    assert choose(paths("a.weight", "b"), None, "f").root == ()
    assert choose(paths("model/ema/a", "model/net/a"), "model.ema", "f").root == ("model", "ema")


def test_dictionaries_that_no_name_tells_apart_have_to_be_chosen():
    with pytest.raises(TradewindError, match="several dictionaries") as caught:
        choose(paths("student/a", "teacher/a"), None, "f.pt")
    assert "student, teacher" in caught.value.data["remedy"]
    with pytest.raises(TradewindError, match="no tensors under nothing"):
        choose(paths("student/a", "teacher/a"), "nothing", "f.pt")


def test_prefixes_of_wrappers_are_taken_off_only_where_all_names_have_them():
    assert wrapper_prefix(["module._orig_mod.a", "module._orig_mod.b", "n_averaged"]) == "module._orig_mod."
    assert wrapper_prefix(["module.a", "head.b"]) == ""
    # A model with a child of that name keeps it.
    assert matching_prefix(["module.a", "module.b"], {"module.a", "module.b"}) == ""
    assert matching_prefix(["model.net.a", "model.net.b", "loss.c"], {"a", "b"}) == "model.net."


def test_a_model_finds_every_tensor_and_names_what_is_missing_unexpected_or_of_another_shape():
    slots = [
        slot("norm.weight", (4,), own="norm.gamma", layer="LayerNorm"),
        slot("conv.weight", (4, 2, 1, 3), axis=2, layer="Conv1d"),
        slot("head.weight", (2, 4)),
        slot("head.bias", (2,)),
    ]
    given = source(**{"norm.weight": (4,), "conv.weight": (4, 2, 3), "head.weight": (3, 4), "extra": (1,)})
    plan = by_model(given, slots, "mindspore")
    assert statuses(plan) == {
        "norm.weight": "renamed",
        "conv.weight": "reshaped",
        "head.weight": "shape-changed",
        "head.bias": "missing",
        "extra": "unexpected",
    }
    assert plan.moves == {"norm.gamma": ("norm.weight", (4,)), "conv.weight": ("conv.weight", (4, 2, 1, 3))}
    back = by_model(source(**{"norm.gamma": (4,), "conv.weight": (4, 2, 1, 3)}), slots[:2], "pytorch")
    assert back.moves == {"norm.weight": ("norm.gamma", (4,)), "conv.weight": ("conv.weight", (4, 2, 3))}


def test_a_tied_parameter_is_filled_from_the_name_that_the_checkpoint_has():
    slots = [slot("a.weight", (2, 2), tied=1), slot("b.weight", (2, 2), tied=1)]
    plan = by_model(source(**{"a.weight": (2, 2)}), slots, "pytorch")
    assert plan.moves["b.weight"] == ("a.weight", (2, 2))
    assert plan.ties == [["a.weight", "b.weight"]]


def test_names_alone_are_kept_and_the_ambiguity_is_said():
    given = source(
        **{"norm.weight": (4,), "norm.bias": (4,), "bn.weight": (4,), "bn.bias": (4,), "bn.running_mean": (4,), "bn.running_var": (4,)}
    )
    plan = by_names(given, "mindspore", "auto")
    assert set(plan.moves) == set(given.shapes)
    assert "--layers mindspore" in plan.notes[0] and "6 tensors" in plan.notes[0]
    assert by_names(given, "mindspore", "migrated").notes == []


def test_names_alone_for_mindspores_own_layers_and_back():
    given = source(
        **{
            "norm.weight": (4,),
            "norm.bias": (4,),
            "bn.weight": (4,),
            "bn.bias": (4,),
            "bn.running_mean": (4,),
            "bn.running_var": (4,),
            "bn.num_batches_tracked": (),
            "tokens_emb.weight": (9, 4),
            "plain.weight": (9, 4),
            "conv.weight": (4, 2, 3),
            "conv.bias": (4,),
        }
    )
    plan = by_names(given, "mindspore", "mindspore")
    assert set(plan.moves) == {
        *("norm.gamma", "norm.beta", "bn.gamma", "bn.beta", "bn.moving_mean", "bn.moving_variance"),
        *("tokens_emb.embedding_table", "plain.weight", "conv.weight", "conv.bias"),
    }
    assert plan.moves["conv.weight"][1] == (4, 2, 1, 3)
    assert statuses(plan)["bn.num_batches_tracked"] == "left out"
    notes = {one.source: one.note for one in plan.tensors}
    assert "or an embedding" in notes["plain.weight"]
    back = by_names(source(**{name: shape for name, (_, shape) in plan.moves.items()}), "pytorch", "auto")
    assert {"norm.weight", "bn.running_var", "tokens_emb.weight"} <= set(back.moves)
    # A layer scale is called gamma as well, and is none of MindSpore's.
    assert set(by_names(source(**{"scale.gamma": (4,)}), "pytorch", "auto").moves) == {"scale.gamma"}


def test_an_optimisers_state_in_a_mindspore_checkpoint_is_left_out_and_a_models_own_name_is_not():
    given = source(**{"a.weight": (2,), "moment1.a.weight": (2,), "learning_rate": (), "moment2.weight": (2,)})
    expected = {"a.weight": "converted", "moment1.a.weight": "left out", "learning_rate": "left out"}
    # A layer that is called moment2 keeps its weight: nothing else is called so.
    assert statuses(by_names(given, "pytorch", "auto")) == {**expected, "moment2.weight": "converted"}
    assert statuses(by_model(given, [slot("a.weight", (2,))], "pytorch")) == {**expected, "moment2.weight": "unexpected"}
    assert set(by_names(given, "mindspore", "auto").moves) == set(given.shapes)


def test_the_table_is_the_one_that_migrated_folders_carry():
    assert table()["LAYER_NAMES"]["BatchNorm2d"]["moving_variance"] == "running_var"
    assert table()["LAYER_AXES"]["Conv1d"] == {"weight": 2}


@pytest.mark.parametrize(
    ("first", "second", "metadata", "to", "expected"),
    [
        ("a.pt", "b.ckpt", {}, None, ("pytorch", "mindspore")),
        ("a.ckpt", "b.safetensors", {}, None, ("mindspore", "pytorch")),
        ("a.safetensors", "b.ckpt", {}, None, ("pytorch", "mindspore")),
        ("a.safetensors", "b.safetensors", {"format": "ms"}, None, ("mindspore", "pytorch")),
        ("a.safetensors", "b.safetensors", {}, "mindspore", ("pytorch", "mindspore")),
    ],
)
def test_directions(tmp_path, first, second, metadata, to, expected):
    (tmp_path / first).touch()
    assert directions(tmp_path / first, tmp_path / second, metadata, to) == expected


@pytest.mark.parametrize(
    ("first", "second", "to", "message"),
    [
        ("a.pt", "b.pth", None, "both PyTorch's"),
        ("a.safetensors", "b.safetensors", None, "nothing says"),
        ("a.pt", "b.onnx", None, "no ending of a checkpoint"),
        ("a.pt", "b.ckpt", "pytorch", "contradict"),
    ],
)
def test_directions_that_are_none(tmp_path, first, second, to, message):
    (tmp_path / first).touch()
    with pytest.raises(TradewindError, match=message):
        directions(tmp_path / first, tmp_path / second, {}, to)


def test_a_file_of_pytorchs_is_known_by_its_content_whatever_its_ending(tmp_path):
    torch.save({"state_dict": {"a": torch.ones(1)}}, tmp_path / "lightning.ckpt")
    assert directions(tmp_path / "lightning.ckpt", tmp_path / "b.ckpt", {}, None) == ("pytorch", "mindspore")
    torch.save({"a": torch.ones(1)}, tmp_path / "old.model", _use_new_zipfile_serialization=False)
    assert directions(tmp_path / "old.model", tmp_path / "b.ckpt", {}, None) == ("pytorch", "mindspore")


def test_safetensors_are_read_and_written_as_the_reference_library_does(tmp_path):
    tensors = {
        "a": torch.randn(3, 4),
        "b": torch.randn(5).bfloat16(),
        "c": torch.randn(2, dtype=torch.complex64),
        "n": torch.tensor(7),
        "t": torch.tensor([True, False]),
        "e": torch.zeros(0, 3),
    }
    safetensors.torch.save_file(tensors, tmp_path / "theirs.safetensors", metadata={"format": "pt"})
    found, metadata = read_header(tmp_path / "theirs.safetensors")
    assert metadata == {"format": "pt"}
    np.testing.assert_array_equal(array_of(found["a"]), tensors["a"].numpy())
    writer = Writer(tmp_path / "ours.safetensors", {name: (one.dtype, one.shape) for name, one in found.items()}, {"format": "pt"})
    for one in found.values():
        for part in one.chunks():
            writer.write(part)
    writer.close()
    again = safetensors.torch.load_file(tmp_path / "ours.safetensors")
    assert all(torch.equal(again[name], one) and again[name].dtype == one.dtype for name, one in tensors.items())


@pytest.mark.parametrize("cut", [4, 20, 90])
def test_a_damaged_safetensors_file_is_told(tmp_path, cut):
    safetensors.torch.save_file({"a": torch.ones(8)}, tmp_path / "a.safetensors")
    whole = (tmp_path / "a.safetensors").read_bytes()
    (tmp_path / "b.safetensors").write_bytes(whole[:cut])
    with pytest.raises(TradewindError, match="no whole safetensors file"):
        read_header(tmp_path / "b.safetensors")


def test_shards_are_found_by_their_index_and_a_missing_one_is_named(tmp_path):
    (tmp_path / "model.safetensors.index.json").write_text('{"weight_map": {"a": "m-1.safetensors", "b": "m-2.safetensors"}}')
    (tmp_path / "m-1.safetensors").touch()
    with pytest.raises(TradewindError, match=r"m-2\.safetensors is not there"):
        shards(tmp_path)
    (tmp_path / "m-2.safetensors").touch()
    assert [one.name for one in shards(tmp_path / "model.safetensors.index.json")] == ["m-1.safetensors", "m-2.safetensors"]
    (tmp_path / "x.index.json").write_text('{"weight_map": {"a": "../outside.safetensors"}}')
    with pytest.raises(TradewindError, match="outside its folder"):
        shards(tmp_path / "x.index.json")
