"""The batch scripts that the cluster pages show are those that Tradewind writes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tradewind import events
from tradewind.train.slurm import script

ROOT = Path(__file__).parents[3]
ASCEND = ["module load cann/8.5.0", "source /usr/local/Ascend/ascend-toolkit/set_env.sh"]
DCU = ["module purge", "module load compiler/dtk/25.04"]
PAGES = {"ascend": ("mindspore", "npu", "npu:8", 8, ASCEND), "dcu": ("pytorch", "dcu", "dcu:4", 4, DCU)}


def written(site: str, count: int) -> str:
    """The script, with this machine's folders as the page's reader has them."""
    framework, partition, gres, per_node, setup = PAGES[site]
    workers = {
        "count": count,
        "per_node": per_node,
        "port": 29511,
        "partition": partition,
        "account": None,
        "time": "12:00:00",
        "gres": gres,
    }
    text = script({"framework": framework, "workers": {**workers, "setup": setup}}, Path("/scratch/you/runs/goms"))
    text = text.replace(str(Path(events.__file__).parents[1]), "/opt/tradewind/kernel/python")
    return text.replace(sys.executable, "/opt/tradewind/.venv/bin/python").replace(
        str(Path(sys.executable).parent), "/opt/tradewind/.venv/bin"
    )


@pytest.mark.parametrize("site", list(PAGES))
@pytest.mark.parametrize("count", [16, 64])
def test_the_page_shows_the_script(site, count):
    assert f"```bash\n{written(site, count)}```" in (ROOT / "docs" / f"cluster-{site}-slurm.md").read_text()
