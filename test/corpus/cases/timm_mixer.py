"""A small MLP-Mixer of timm."""

import torch
from timm.models.mlp_mixer import MlpMixer


def build():
    torch.manual_seed(0)
    return MlpMixer(img_size=32, patch_size=8, num_blocks=2, embed_dim=24, num_classes=5).eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    return (torch.randn(2, 3, 32, 32, generator=generator),)
