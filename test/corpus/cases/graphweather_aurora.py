"""A small Aurora-like point model of graph-weather."""

import torch
from graph_weather.models.aurora.model import AuroraModel


def build():
    torch.manual_seed(0)
    return AuroraModel(input_features=3, output_features=2, latent_dim=16, num_layers=2, max_points=100).eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    return (
        torch.rand(1, 24, 2, generator=generator),
        torch.randn(1, 24, 3, generator=generator),
    )
