"""Realistic faults of a migration, each one edit of a migrated file: what is exchanged, the rung that has to break, and the layer to be named.

A model's magnitude and the weights it starts from are part of a fault: some only show there.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Fault:
    model: str
    name: str
    old: str
    new: str
    # The rung, or its beginning; and the layer that firstDivergence has to name.
    rung: str
    layer: str
    file: str = "model.py"
    # What the named line of the migration has to hold.
    line: str = ""
    environment: dict[str, str] = field(default_factory=dict)


WHOLE = "(the whole model)"
FAULTS = [
    Fault(
        "vit",
        "LayerNorm's epsilon 1e-6",
        "self.norm1 = compat.LayerNorm(width, eps=1e-5)",
        "self.norm1 = compat.LayerNorm(width, eps=1e-6)",
        "forward",
        "blocks.0.norm1",
    ),
    Fault(
        "vit",
        "LayerNorm's epsilon 1e-6, fields of 1e5",
        "self.norm = compat.LayerNorm(width, eps=1e-5)",
        "self.norm = compat.LayerNorm(width, eps=1e-6)",
        "layers",
        "norm",
        environment={"MUTATION_MAGNITUDE": "1e5"},
    ),
    Fault(
        "vit",
        "GELU by tanh",
        "compat.gelu(self.fc1(self.norm2(x)))",
        "compat.gelu(self.fc1(self.norm2(x)), approximate='tanh')",
        "forward",
        "blocks.0",
        line="gelu",
    ),
    Fault(
        "vit",
        "softmax over another axis",
        "compat.softmax(scores, dim=-1)",
        "compat.softmax(scores, dim=-2)",
        "forward",
        "blocks.0.attn",
        line="softmax",
    ),
    Fault("vit", "attention without its scale", " * self.scale", "", "forward", "blocks.0.attn", line="scores ="),
    Fault(
        "vit",
        "keys and values exchanged",
        "q, k, v = qkv[0], qkv[1], qkv[2]",
        "q, k, v = qkv[0], qkv[2], qkv[1]",
        "forward",
        "blocks.0.attn",
        line="q, k, v",
    ),
    Fault(
        "vit",
        "residual dropped",
        "return x + self.drop_path(self.fc2(y))",
        "return self.drop_path(self.fc2(y))",
        "forward",
        "blocks.0",
        line="return",
    ),
    Fault(
        "vit",
        "gradient stopped before attention",
        "self.attn(self.norm1(x))",
        "self.attn(ops.stop_gradient(self.norm1(x)))",
        "gradients",
        "blocks.0",
    ),
    Fault(
        "vit",
        "gradient of the filter stopped",
        "compat.view_as_complex(self.weight)",
        "compat.view_as_complex(ops.stop_gradient(self.weight))",
        "gradients",
        "blocks.0.filter",
    ),
    Fault(
        "vit",
        "gradient of the input stopped",
        "compat.flatten(self.embed(x), 2)",
        "compat.flatten(self.embed(ops.stop_gradient(x)), 2)",
        "gradients",
        WHOLE,
    ),
    Fault(
        "vit",
        "norm of the inverse transform",
        'dim=(1, 2), norm="ortho")\n        return field',
        'dim=(1, 2), norm="backward")\n        return field',
        "forward",
        "blocks.0.filter",
        line="irfft2",
    ),
    Fault(
        "vit",
        "transform over another axis",
        "compat.rfft2(field, dim=(1, 2)",
        "compat.rfft2(field, dim=(2, 1)",
        "forward",
        "blocks.0.filter",
        line="rfft2",
    ),
    Fault(
        "vit",
        "conjugate weights in a branch scaled by 1e-4",
        "spectrum, weight)",
        "spectrum, ops.conj(weight))",
        "forward",
        "blocks.0.filter",
        line="multiply",
    ),
    Fault(
        "vit", "layer scale left out of a branch", "x + self.gamma * self.filter(x)", "x + 1e-4 * self.filter(x)", "gradients", "blocks.0"
    ),
    Fault(
        "vit",
        "stochastic depth without rescaling",
        "return x * mask / keep",
        "return x * mask",
        "forward",
        "blocks.0.drop_path",
        line="return",
    ),
    Fault("vit", "dropout's probability kept, not dropped", "compat.Dropout(0.1)", "compat.Dropout(0.9)", "forward", "drop"),
    Fault(
        "vit",
        "patches put together transposed",
        "compat.permute(x, 0, 5, 1, 3, 2, 4)",
        "compat.permute(x, 0, 5, 1, 4, 2, 3)",
        "forward",
        WHOLE,
        line="permute",
    ),
    Fault(
        "vit",
        "AdamW without bias correction",
        "compat.AdamW(model.parameters(), lr=1e-3, weight_decay=0.01)",
        "ms.nn.AdamWeightDecay(list(model.parameters()), learning_rate=1e-3, weight_decay=0.01)",
        "optimiser step",
        "",
        file="case.py",
        line="def optimizer",
    ),
    Fault(
        "vit",
        "no weight decay",
        "lr=1e-3, weight_decay=0.01",
        "lr=1e-3, weight_decay=0.0",
        "optimiser step",
        "",
        file="case.py",
        line="def optimizer",
    ),
    Fault("vit", "learning rate half", "lr=1e-3", "lr=5e-4", "optimiser step", "", file="case.py", line="def optimizer"),
    Fault("unet", "BatchNorm's momentum in MindSpore's sense", "momentum=0.1", "momentum=0.9", "forward", "down.norm"),
    Fault("unet", "half pixels", "align_corners=False", "align_corners=True", "forward", WHOLE, line="interpolate"),
    Fault("unet", "nearest for bilinear", 'mode="bilinear", align_corners=False', 'mode="nearest"', "forward", WHOLE, line="interpolate"),
    Fault("unet", "zeros for circular padding", ', padding_mode="circular"', "", "forward", "down.conv"),
    Fault("unet", "biased variance", "compat.var(x, dim=(2, 3))", "compat.var(x, dim=(2, 3), correction=0)", "forward", WHOLE, line="var("),
    Fault("unet", "GroupNorm's groups", "compat.GroupNorm(2, outer)", "compat.GroupNorm(4, outer)", "forward", "down.group"),
    Fault("unet", "maximum for average pooling", "compat.avg_pool2d(high, 2)", "compat.max_pool2d(high, 2)", "forward", WHOLE),
    Fault("unet", "channels joined in another order", "[high, low]", "[low, high]", "forward", WHOLE, line="self.up("),
    Fault("unet", "ReLU for SiLU", "compat.silu(", "compat.relu(", "forward", "down", line="relu"),
    Fault("unet", "a table that no checkpoint holds", "compat.linspace(-1.4, 1.4, 8)", "compat.linspace(-1.3, 1.3, 8)", "weights", WHOLE),
    Fault("unet", "whole channels dropped one by one", "compat.Dropout2d(0.1)", "compat.Dropout(0.1)", "random layers", "down.drop"),
    Fault(
        "unet",
        "momentum left out",
        "momentum=0.9, weight_decay=0.01",
        "weight_decay=0.01",
        "optimiser step",
        "",
        file="case.py",
        line="def optimizer",
    ),
    Fault("text", "head no longer tied to the embedding", "        self.head.weight = self.embed.weight\n", "", "weights", "head"),
    Fault("text", "frozen table thawed", ", requires_grad=False", "", "weights", WHOLE),
    Fault("text", "mask left out", "x = x * mask.unsqueeze(-1)", "x = x * 1.0", "forward", WHOLE, line="x = x *"),
    Fault("text", "gates in another order", "i, f, g, o = compat", "f, i, g, o = compat", "forward", "cell", line="f, i, g, o"),
    Fault("text", "keyword ignored", " * gain", "", "forward", WHOLE, line="self.table"),
    Fault("text", "LayerNorm's epsilon 1e-12", "compat.LayerNorm(width)", "compat.LayerNorm(width, eps=1e-12)", "forward", "norm"),
    Fault(
        "text",
        "state returned as it came",
        "log_softmax(logits, dim=-1), state",
        "log_softmax(logits, dim=-1), State(state.hidden, ops.stop_gradient(state.memory))",
        "gradients",
        WHOLE,
    ),
]
# Of the right migrations: size, seed, magnitude of the inputs.
RIGHT = [(1, 0, "1"), (1, 1, "1e-3"), (2, 2, "1e2"), (1, 3, "1e5"), (2, 4, "1e-3")]
