"""A small EVA transformer of timm, with rotary position embeddings and gated MLPs."""

import torch
from timm.models.eva import Eva


def build():
    torch.manual_seed(0)
    return Eva(img_size=32, patch_size=8, embed_dim=32, depth=2, num_heads=2, num_classes=5, swiglu_mlp=True, use_rot_pos_emb=True).eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    return (torch.randn(2, 3, 32, 32, generator=generator),)
