"""FourCastNet ported by hand to MindSpore: the patch embedding is one matrix product, a complex block product is one batched product of real numbers."""

import mindspore as ms
import numpy as np
from mindspore import nn, ops


class Mlp(nn.Cell):
    def __init__(self, dim, hidden):
        super().__init__()
        self.fc1 = nn.Dense(dim, hidden)
        self.fc2 = nn.Dense(hidden, dim)

    def construct(self, x):
        x = self.fc1(x)
        return self.fc2(0.5 * x * (1.0 + ops.erf(x * 0.7071067811865476)))


class AFNO2D(nn.Cell):
    def __init__(self, dim, num_blocks, sparsity_threshold=0.01):
        super().__init__()
        self.num_blocks, self.block, self.threshold = num_blocks, dim // num_blocks, sparsity_threshold
        zeros = np.zeros((num_blocks, self.block, self.block, 2), np.float32)
        self.w1, self.w2 = ms.Parameter(ms.Tensor(zeros)), ms.Parameter(ms.Tensor(zeros))
        self.b1, self.b2 = ms.Parameter(ms.Tensor(zeros[:, 0])), ms.Parameter(ms.Tensor(zeros[:, 0]))

    def product(self, x, weight, bias):
        """``x``: [blocks, modes, real parts then imaginary parts]."""
        real, imag = weight[..., 0], weight[..., 1]
        both = ops.cat((ops.cat((real, imag), 2), ops.cat((-imag, real), 2)), 1)
        return ops.bmm(x, both) + ops.cat((bias[..., 0], bias[..., 1]), 1).expand_dims(1)

    def construct(self, x):
        b, h, w, c = x.shape
        half = w // 2 + 1
        kept = min(h // 2 + 1, half)  # the paper's code keeps as many columns as half the rows
        shape = (b * h * kept, self.num_blocks, self.block)
        modes = ops.rfft2(x, dim=(1, 2), norm="ortho")[:, :, :kept]
        parts = ops.cat((ops.real(modes).reshape(shape), ops.imag(modes).reshape(shape)), 2).transpose((1, 0, 2))
        y = ops.relu(self.product(parts, self.w1, self.b1))
        y = ops.softshrink(self.product(y, self.w2, self.b2), self.threshold).transpose((1, 0, 2))
        y = ops.Complex()(y[:, :, : self.block].reshape((b, h, kept, c)), y[:, :, self.block :].reshape((b, h, kept, c)))
        # The columns that are not kept are zero: irfft2 pads the last dimension so.
        return ops.irfft2(y, s=(h, w), dim=(1, 2), norm="ortho") + x


class Block(nn.Cell):
    def __init__(self, dim, num_blocks):
        super().__init__()
        self.norm1 = nn.LayerNorm((dim,), epsilon=1e-6)
        self.filter = AFNO2D(dim, num_blocks)
        self.norm2 = nn.LayerNorm((dim,), epsilon=1e-6)
        self.mlp = Mlp(dim, 4 * dim)

    def construct(self, x):
        x = x + self.filter(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class FourCastNet(nn.Cell):
    def __init__(self, img_size, patch_size, in_chans, out_chans, embed_dim, depth, num_blocks):
        super().__init__()
        self.p, self.q = patch_size
        self.h, self.w = img_size[0] // self.p, img_size[1] // self.q
        self.in_chans, self.out_chans, self.embed_dim = in_chans, out_chans, embed_dim
        self.patch_embed = nn.Dense(in_chans * self.p * self.q, embed_dim)
        self.pos_embed = ms.Parameter(ms.Tensor(np.zeros((1, self.h * self.w, embed_dim), np.float32)))
        self.blocks = nn.CellList([Block(embed_dim, num_blocks) for _ in range(depth)])
        self.head = nn.Dense(embed_dim, out_chans * self.p * self.q, has_bias=False)

    def construct(self, x):
        b = x.shape[0]
        x = x.reshape((b, self.in_chans, self.h, self.p, self.w, self.q)).transpose((0, 2, 4, 1, 3, 5))
        x = self.patch_embed(x.reshape((b, self.h * self.w, -1))) + self.pos_embed
        x = x.reshape((b, self.h, self.w, self.embed_dim))
        for block in self.blocks:
            x = block(x)
        x = self.head(x).reshape((b, self.h, self.w, self.p, self.q, self.out_chans)).transpose((0, 5, 1, 3, 2, 4))
        return x.reshape((b, self.out_chans, self.h * self.p, self.w * self.q))


def build(arguments):
    return FourCastNet(**arguments)


def state(torch_state):
    """PyTorch's weights under the port's names and layouts."""
    state = {name.replace("patch_embed.proj", "patch_embed"): value for name, value in torch_state.items()}
    state["patch_embed.weight"] = state["patch_embed.weight"].reshape(state["patch_embed.weight"].shape[0], -1)
    return state
