"""A small CaFA of graph-weather: axial attention over latitude and longitude."""

import torch
from graph_weather.models.cafa.model import CaFAForecaster


def build():
    torch.manual_seed(0)
    return CaFAForecaster(
        input_channels=3, output_channels=2, model_dim=16, downsampling_factor=2, processor_depth=2, num_heads=2, dim_head=8
    ).eval()


def inputs():
    generator = torch.Generator().manual_seed(0)
    return (torch.randn(1, 3, 16, 32, generator=generator),)
