"""FourCastNet: shapes, the published size, and that its spectral branch takes part."""

import pytest
import torch
from tradewind.models.fourcastnet import AFNO2D, FourCastNet, PrecipitationNet, log_to_rain, parameter_count, rain_to_log, rollout


def test_it_maps_fields_to_fields():
    model = FourCastNet(img_size=(12, 18), patch_size=(3, 3), in_chans=5, out_chans=2, embed_dim=16, depth=2, num_blocks=4)
    assert model(torch.randn(2, 5, 12, 18)).shape == (2, 2, 12, 18)


def test_the_published_size_has_about_75_million_parameters():
    with torch.device("meta"):
        model = FourCastNet()
    # The sum is ours: the paper gives widths and depths. 12 blocks of two norms, AFNO's two complex layers, and a perceptron; patches, places, head.
    block = 4 * 768 + 4 * (768 * 768 // 8 + 768) + 2 * 768 * 3072 + 3072 + 768
    assert parameter_count(model) == 12 * block + (20 * 64 * 768 + 768) + 90 * 180 * 768 + 768 * 20 * 64 == 74_690_304


def test_a_grid_of_another_size_is_refused():
    with pytest.raises(AssertionError, match="Input size"):
        FourCastNet(img_size=(12, 18), patch_size=(3, 3), in_chans=5, out_chans=2, embed_dim=16, depth=1, num_blocks=4)(
            torch.randn(1, 5, 9, 18)
        )


def test_the_filter_mixes_the_whole_grid():
    torch.manual_seed(0)
    mixer = AFNO2D(16, num_blocks=4, sparsity_threshold=0.0, scale=0.5)
    x = torch.randn(1, 6, 8, 16)
    y = x.clone()
    y[0, 0, 0] += 1
    change = (mixer(y) - mixer(x)).abs().sum(-1)
    assert (change > 1e-6).all()


def small():
    torch.manual_seed(0)
    return FourCastNet(img_size=(12, 18), patch_size=(3, 3), in_chans=2, out_chans=2, embed_dim=16, depth=1, num_blocks=4)


def test_rain_is_not_negative_and_knows_that_the_globe_is_round():
    model = PrecipitationNet(small())
    x = torch.randn(1, 2, 12, 18)
    rain = model(x)
    assert rain.shape == (1, 1, 12, 18)
    assert rain.min() == 0
    assert rain.max() > 0
    # Turned by whole patches, the head gives the same rain, turned: no seam at the first meridian.
    model.backbone = torch.nn.Identity()
    torch.testing.assert_close(model(x.roll(5, -1)), model(x).roll(5, -1))


def test_rain_goes_into_the_logarithm_and_back():
    rain = torch.tensor([0.0, 1e-6, 1e-3, 0.2])
    torch.testing.assert_close(log_to_rain(rain_to_log(rain)), rain)


def test_a_forecast_feeds_itself():
    model = small()
    x = torch.randn(1, 2, 12, 18)
    torch.testing.assert_close(rollout(model, x, 2)[1], model(model(x)))
