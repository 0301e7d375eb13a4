"""AI-GOMS in pretraining ported by hand to MindSpore: patches by one matrix product, complex block products as one real one, constant masks made once."""

import mindspore as ms
import numpy as np
from mindspore import nn, ops
from tradewind.models.aigoms import sine_cosine_embedding


class FourierMixing(nn.Cell):
    def __init__(self, dim, num_blocks, sparsity_threshold=0.01):
        super().__init__()
        self.num_blocks, self.block, self.threshold = num_blocks, dim // num_blocks, sparsity_threshold
        zeros = np.zeros((2, num_blocks, self.block, self.block), np.float32)
        self.w1, self.w2 = ms.Parameter(ms.Tensor(zeros)), ms.Parameter(ms.Tensor(zeros))
        self.b1, self.b2 = ms.Parameter(ms.Tensor(zeros[:, :, 0])), ms.Parameter(ms.Tensor(zeros[:, :, 0]))

    def product(self, x, weight, bias):
        """``x``: [blocks, modes, real parts then imaginary parts]."""
        real, imag = weight[0], weight[1]
        both = ops.cat((ops.cat((real, imag), 2), ops.cat((-imag, real), 2)), 1)
        return ops.bmm(x, both) + ops.cat((bias[0], bias[1]), 1).expand_dims(1)

    def construct(self, x):
        b, h, w, c = x.shape
        half = w // 2 + 1
        shape = (b * h * half, self.num_blocks, self.block)
        modes = ops.rfft2(x, dim=(1, 2), norm="ortho")
        parts = ops.cat((ops.real(modes).reshape(shape), ops.imag(modes).reshape(shape)), 2).transpose((1, 0, 2))
        y = ops.relu(self.product(parts, self.w1, self.b1))
        y = ops.softshrink(self.product(y, self.w2, self.b2), self.threshold).transpose((1, 0, 2))
        real, imag = y[:, :, : self.block].reshape((b, h, half, c)), y[:, :, self.block :].reshape((b, h, half, c))
        return ops.irfft2(ops.Complex()(real, imag), s=(h, w), dim=(1, 2), norm="ortho") + x


class Block(nn.Cell):
    def __init__(self, dim, num_blocks):
        super().__init__()
        self.norm1 = nn.LayerNorm((dim,), epsilon=1e-6)
        self.filter = FourierMixing(dim, num_blocks)
        self.norm2 = nn.LayerNorm((dim,), epsilon=1e-6)
        self.fc1 = nn.Dense(dim, 4 * dim)
        self.fc2 = nn.Dense(4 * dim, dim)

    def construct(self, x):
        x = x + self.filter(self.norm1(x))
        y = self.fc1(self.norm2(x))
        return x + self.fc2(0.5 * y * (1.0 + ops.erf(y * 0.7071067811865476)))


class Pretraining(nn.Cell):
    def __init__(
        self, img_size, patch_size, in_chans, out_chans, embed_dim, depth, decoder_embed_dim, decoder_depth, num_blocks, sea, orography
    ):
        super().__init__()
        self.p, self.q = patch_size
        self.h, self.w = img_size[0] // self.p, img_size[1] // self.q
        self.in_chans, self.out_chans = in_chans, out_chans
        self.sea = ms.Tensor(np.asarray(sea, np.float32))
        self.at_sea = ms.Tensor(np.asarray(sea, bool))
        self.orography = ms.Tensor(np.asarray(orography, np.float32)[None, None])
        self.patch_embed = nn.Dense((in_chans + 1) * self.p * self.q, embed_dim)
        self.pos_embed = ms.Tensor(sine_cosine_embedding(embed_dim, self.h, self.w).numpy())
        self.blocks = nn.CellList([Block(embed_dim, num_blocks) for _ in range(depth)])
        self.norm = nn.LayerNorm((embed_dim,), epsilon=1e-6)
        self.decoder_embed = nn.Dense(embed_dim, decoder_embed_dim)
        self.mask_token = ms.Parameter(ms.Tensor(np.zeros((1, 1, decoder_embed_dim), np.float32)))
        self.decoder_pos_embed = ms.Tensor(sine_cosine_embedding(decoder_embed_dim, self.h, self.w).numpy())
        self.decoder_blocks = nn.CellList([Block(decoder_embed_dim, num_blocks) for _ in range(decoder_depth)])
        self.decoder_norm = nn.LayerNorm((decoder_embed_dim,), epsilon=1e-6)
        self.decoder_pred = nn.Dense(decoder_embed_dim, out_chans * self.p * self.q)

    def construct(self, x, mask):
        b = x.shape[0]
        hidden = mask.expand_dims(2)
        seen = 1.0 - hidden
        target = x[:, : self.out_chans]
        target = ops.where(self.at_sea, target, ops.zeros_like(target))
        x = ops.cat((target, x[:, self.out_chans :], ops.tile(self.orography, (b, 1, 1, 1))), 1)
        x = x.reshape((b, self.in_chans + 1, self.h, self.p, self.w, self.q)).transpose((0, 2, 4, 1, 3, 5))
        x = (self.patch_embed(x.reshape((b, self.h * self.w, -1))) + self.pos_embed) * seen
        x = x.reshape((b, self.h, self.w, -1))
        for block in self.blocks:
            x = block(x)
        x = self.decoder_embed(self.norm(x)).reshape((b, self.h * self.w, -1))
        x = (x * seen + self.mask_token * hidden + self.decoder_pos_embed).reshape((b, self.h, self.w, -1))
        for block in self.decoder_blocks:
            x = block(x)
        x = self.decoder_pred(self.decoder_norm(x)).reshape((b, self.h, self.w, self.p, self.q, self.out_chans))
        x = x.transpose((0, 5, 1, 3, 2, 4)).reshape(target.shape)
        error = ops.where(self.at_sea, x, ops.zeros_like(x)) - target
        counted = ops.tile(mask.reshape((b, 1, self.h, 1, self.w, 1)), (1, 1, 1, self.p, 1, self.q))
        counted = counted.reshape((b, 1, self.h * self.p, self.w * self.q)) * self.sea
        return (error * error * counted).sum() / (counted.sum() * self.out_chans)


def build(arguments):
    return Pretraining(**arguments)


def state(torch_state):
    """PyTorch's weights under the port's names and layouts."""
    found = {}
    for name, value in torch_state.items():
        name = name.removeprefix("backbone.").replace(".mlp.0.", ".fc1.").replace(".mlp.3.", ".fc2.")
        found[name] = value.reshape(value.shape[0], -1) if name == "patch_embed.weight" else value
    return found
