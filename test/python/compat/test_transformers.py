"""nn.TransformerEncoder and nn.Transformer over layers of the user's own: copied whole, whatever their class, and called by PyTorch's keywords."""

import mindspore as ms
import numpy as np
from tradewind.measure.operators import compat_namespace

COMPAT = compat_namespace()
Module, EncoderLayer = COMPAT["Module"], COMPAT["TransformerEncoderLayer"]


class Gated(EncoderLayer):
    """It has arguments and a weight of its own, and its keywords come in another order."""

    def __init__(self, width):
        super().__init__(width, 2, 8, 0.0, batch_first=True)
        self.gate = ms.Parameter(ms.Tensor(np.full(width, 0.5, np.float32)))

    def construct(self, src, is_causal=False, src_key_padding_mask=None, src_mask=None):
        return self.gate * super().construct(src, src_mask, src_key_padding_mask, is_causal)


class Plain(Module):
    def construct(self, src, mask=None, src_key_padding_mask=None, is_causal=None):
        return src if mask is None else src + mask.sum()


def test_copies_have_their_own_weights_with_the_first_ones_values():
    layer = Gated(4)
    layer.gate.set_data(ms.Tensor(np.arange(4, dtype=np.float32)))
    stack = COMPAT["TransformerEncoder"](layer, 2)
    names = list(COMPAT["torch_parameters"](stack))
    assert [name for name in names if name.endswith("gate")] == ["layers.0.gate", "layers.1.gate"]
    first, second = (stack.layers[at] for at in range(2))
    assert first is not layer
    assert first.gate is not second.gate
    assert second.gate.asnumpy().tolist() == [0, 1, 2, 3]


def test_layers_are_called_by_keywords_in_pynative_and_in_graphs():
    stack = COMPAT["TransformerEncoder"](Gated(4), 2)
    x = ms.Tensor(np.random.default_rng(0).normal(size=(1, 3, 4)).astype(np.float32))
    mask = ms.Tensor(np.triu(np.full((3, 3), -np.inf, np.float32), 1))
    expected = stack(x, mask).asnumpy()
    # What comes later isn't seen: without the mask it would be.
    assert np.array_equal(stack(x[:, :2], mask[:2, :2]).asnumpy().round(5), expected[:, :2].round(5))
    assert np.allclose(ms.jit(stack.construct)(x, mask).asnumpy(), expected, atol=1e-6)


def test_a_transformer_takes_an_encoder_of_the_users_own():
    whole = COMPAT["Transformer"](4, 2, 1, 1, 8, 0.0, custom_encoder=Plain())
    assert isinstance(whole.encoder, Plain)
    assert whole(*(ms.Tensor(np.ones((2, 1, 4), np.float32)),) * 2).shape == (2, 1, 4)
