"""AI-GOMS: channels, the published size, land, masks, pretraining, fine-tuning and downscaling."""

import pytest
import torch
from tradewind.models.aigoms import AIGOMS, DEPTHS, OCEAN, Downscaling, Pretraining, random_mask, rollout, sine_cosine_embedding
from tradewind.models.fourcastnet import parameter_count


def small(**changes):
    torch.manual_seed(0)
    arguments = {"img_size": (8, 16), "patch_size": (4, 4), "in_chans": 5, "out_chans": 3, "embed_dim": 16, "depth": 2}
    model = AIGOMS(**{**arguments, "decoder_embed_dim": 24, "decoder_depth": 1, "num_blocks": 4, **changes})
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            # As drawn, soft shrinkage silences the spectral branch.
            if ".filter." in name:
                parameter.copy_(0.3 * torch.randn(parameter.shape))
    return model


def test_the_channels_are_those_of_the_paper():
    # Sun et al. 2025 (arXiv 2510.17852): t, s, u, v at 15 depths, then the sea-surface height.
    assert len(DEPTHS) == 15
    assert len(OCEAN) == 61
    assert OCEAN[:2] == ("t0", "t6")
    assert OCEAN[15] == "s0"
    assert OCEAN[-1] == "ssh"


def test_the_published_size_follows_from_the_published_widths():
    # No total is published (Xiong et al. 2023 gives widths and depths). Written out: blocks of two norms, two complex block-diagonal layers and a perceptron.
    def block(width, blocks=8):
        spectral = 2 * 2 * (width * width // blocks + width)
        return 4 * width + spectral + (width * 4 * width + 4 * width) + (4 * width * width + width)

    patch = 66 * 64 * 512 + 512
    decoder = (512 * 1024 + 1024) + 1024 + (1024 * 61 * 64 + 61 * 64)
    with torch.device("meta"):
        model = AIGOMS()
    assert parameter_count(model) == patch + 12 * block(512) + 2 * 512 + decoder + 8 * block(1024) + 2 * 1024
    assert parameter_count(model) == pytest.approx(104.9e6, rel=1e-3)


def test_every_place_has_an_embedding_of_its_own():
    table = sine_cosine_embedding(16, 3, 5)[0]
    assert table.shape == (15, 16)
    assert (torch.cdist(table, table) + 9 * torch.eye(15)).min() > 0.1
    with pytest.raises(ValueError, match="multiple of 4"):
        sine_cosine_embedding(18, 2, 2)


def test_land_is_zero_in_and_out_even_where_it_was_nan():
    sea = torch.ones(8, 16)
    sea[2:5, 3:9] = 0
    model = small(sea=sea)
    x = torch.randn(2, 5, 8, 16)
    x[:, :3][(sea == 0).expand(2, 3, 8, 16)] = float("nan")
    out = model(x)
    assert torch.isfinite(out).all()
    assert (out[:, :, sea == 0] == 0).all()
    assert (out[:, :, sea == 1] != 0).all()


def test_a_mask_hides_the_same_number_of_patches_in_every_sample():
    mask = random_mask(5, 40, 0.75, torch.Generator().manual_seed(0))
    assert (mask.sum(1) == 30).all()
    assert not torch.equal(mask[0], mask[1])


def test_what_is_hidden_is_not_seen():
    model = small()
    mask = torch.zeros(1, 8)
    mask[0, 2] = 1
    x = torch.randn(1, 5, 8, 16)
    y = x.clone()
    y[:, :, :4, 8:12] += 1
    torch.testing.assert_close(model(x, mask), model(y, mask))
    assert not torch.allclose(model(x), model(y))


def test_the_pretraining_loss_counts_what_is_hidden_and_at_sea():
    sea = torch.ones(8, 16)
    sea[:, 12:] = 0
    model = small(sea=sea)
    x = torch.randn(1, 5, 8, 16)
    mask = torch.zeros(1, 8)
    mask[0, 1] = mask[0, 3] = 1
    out = model(x, mask)
    wanted = ((out - x[:, :3]) ** 2)[:, :, :4, 4:8].mean()
    torch.testing.assert_close(Pretraining(model)(x, mask), wanted)
    assert Pretraining(model)(x).isfinite()


def test_fine_tuning_trains_the_named_parts_alone_and_adapters_start_as_nothing():
    x = torch.randn(1, 5, 8, 16)
    plain = small()
    adapted = small(adapter_dim=4)
    adapted.load_state_dict(plain.state_dict(), strict=False)
    torch.testing.assert_close(adapted(x), plain(x))
    adapted.fine_tune("adapters", "decoder_pred")
    adapted(x).sum().backward()
    moved = {name for name, parameter in adapted.named_parameters() if parameter.grad is not None}
    assert moved
    assert all(name.startswith(("adapters", "decoder_pred")) for name in moved)


def test_days_are_rolled_out_with_each_days_forcing():
    model = small(increment=True)
    state, forcings = torch.randn(1, 3, 8, 16), torch.randn(4, 1, 2, 8, 16)
    days = rollout(model, state, forcings)
    assert days.shape == (4, 1, 3, 8, 16)
    torch.testing.assert_close(days[1], model(torch.cat([days[0], forcings[1]], 1)))


def test_a_region_is_made_finer_by_a_frozen_backbone():
    model = Downscaling(small(), region=(2, 6, 4, 10), channels=2, width=8)
    out = model(torch.randn(1, 5, 8, 16))
    out.sum().backward()
    assert out.shape == (1, 2, 12, 18)
    assert all(parameter.grad is None for parameter in model.backbone.parameters())


def test_orography_is_one_more_channel():
    x = torch.randn(1, 5, 8, 16)
    assert small(orography=torch.rand(8, 16)).patch_embed.in_channels == 6
    assert not torch.allclose(small(orography=torch.rand(8, 16))(x), small(orography=torch.zeros(8, 16))(x))
