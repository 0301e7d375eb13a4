"""The sizes at which predicted and measured memory are compared: three models, from tens to hundreds of MiB. The fit sees ``CASES`` and never ``UNSEEN``."""

CASES = [
    ("fourcastnet", {"img_size": [64, 128], "patch_size": [4, 4], "embed_dim": 128, "depth": 4}, 2),
    ("fourcastnet", {"img_size": [120, 240], "patch_size": [8, 8], "embed_dim": 256, "depth": 6}, 4),
    ("fourcastnet", {"img_size": [180, 360], "patch_size": [4, 4], "embed_dim": 128, "depth": 2}, 1),
    ("fourcastnet", {"img_size": [64, 128], "patch_size": [8, 8], "embed_dim": 384, "depth": 8}, 8),
    (
        "aigoms",
        {"img_size": [64, 128], "patch_size": [4, 4], "embed_dim": 128, "depth": 3, "decoder_embed_dim": 192, "decoder_depth": 2},
        2,
    ),
    (
        "aigoms",
        {"img_size": [180, 360], "patch_size": [4, 4], "embed_dim": 96, "depth": 2, "decoder_embed_dim": 128, "decoder_depth": 2},
        1,
    ),
    (
        "aigoms",
        {"img_size": [96, 192], "patch_size": [8, 8], "embed_dim": 256, "depth": 4, "decoder_embed_dim": 384, "decoder_depth": 3},
        4,
    ),
    ("graphcast", {"img_size": [32, 64], "in_chans": 20, "out_chans": 8, "mesh_level": 3, "width": 64, "layers": 4}, 2),
    ("graphcast", {"img_size": [91, 180], "in_chans": 40, "out_chans": 16, "mesh_level": 4, "width": 64, "layers": 4}, 1),
    ("graphcast", {"img_size": [46, 90], "in_chans": 20, "out_chans": 8, "mesh_level": 4, "width": 96, "layers": 6}, 2),
]

UNSEEN = [
    ("fourcastnet", {"img_size": [96, 192], "patch_size": [4, 4], "embed_dim": 192, "depth": 5}, 2),
    ("fourcastnet", {"img_size": [32, 64], "patch_size": [4, 4], "embed_dim": 64, "depth": 2}, 4),
    (
        "aigoms",
        {"img_size": [48, 96], "patch_size": [4, 4], "embed_dim": 192, "depth": 4, "decoder_embed_dim": 128, "decoder_depth": 3},
        3,
    ),
    (
        "aigoms",
        {"img_size": [128, 256], "patch_size": [8, 8], "embed_dim": 320, "depth": 6, "decoder_embed_dim": 256, "decoder_depth": 2},
        2,
    ),
    ("graphcast", {"img_size": [64, 128], "in_chans": 30, "out_chans": 12, "mesh_level": 3, "width": 128, "layers": 3}, 1),
    ("graphcast", {"img_size": [24, 48], "in_chans": 12, "out_chans": 6, "mesh_level": 2, "width": 48, "layers": 8}, 3),
]
