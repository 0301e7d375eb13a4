/** Can a framework of a Python run on a chip here? The answer is a reason and a remedy where it is no. */
import type { Framework } from '../records/chips.ts';
import type { Chip, Vendor } from './catalogue.ts';
import type { Candidate, Detection } from './detect.ts';

export interface Verdict {
  usable: boolean;
  reason?: string;
  remedy?: string;
  version?: string;
}

/** The frameworks' own names for each vendor's cards. */
export const TARGETS: Record<Framework, Record<Vendor, string | undefined>> = {
  pytorch: { cpu: 'cpu', nvidia: 'cuda', huawei: 'npu', hygon: 'hip', amd: 'hip' },
  mindspore: { cpu: 'cpu', nvidia: 'GPU', huawei: 'Ascend', hygon: undefined, amd: undefined },
};

/** What brings a framework onto a vendor's cards. */
const BRING: Record<Framework, Record<Vendor, string>> = {
  pytorch: {
    cpu: 'pip install torch into that environment.',
    nvidia: 'Install a CUDA build of torch, or name a Python that has one in engines.yaml.',
    huawei: 'Install CANN and torch_npu of the version that fits torch, or name a Python that has them in engines.yaml.',
    hygon: 'Install Sugon’s own build of torch for DTK, or name a Python that has it in engines.yaml.',
    amd: 'Install a ROCm build of torch, or name a Python that has one in engines.yaml.',
  },
  mindspore: {
    cpu: 'pip install mindspore into that environment.',
    nvidia:
      'MindSpore’s GPU backend needs CUDA 11.1 or 11.6 libraries; install them, or name a Python whose MindSpore runs there in engines.yaml.',
    huawei: 'Install CANN of the version that fits MindSpore, load its set_env.sh, or name a Python where that is done in engines.yaml.',
    hygon: '',
    amd: '',
  },
};

const LABEL: Record<Framework, string> = { pytorch: 'PyTorch', mindspore: 'MindSpore' };

/** Judges one candidate; the chip's absence comes first, then the framework's, then what it was built for and sees. */
export function judge(chip: Chip, candidate: Candidate, detection: Detection): Verdict {
  const { framework, probe } = candidate;
  const version = probe.version ?? undefined;
  const refusal = chip.refuses?.[framework];
  if (refusal) return { usable: false, reason: refusal, remedy: `%chip ${chip.name} --framework pytorch` };
  if (!detection.cards.has(chip.name)) return { usable: false, version, reason: `no ${chip.title} is here`, remedy: chip.remedy };
  const remedy = BRING[framework][chip.vendor];
  if (probe.version === null)
    return { usable: false, reason: `${LABEL[framework]} is not there: ${probe.checked}`, remedy: probe.remedy ?? BRING[framework].cpu };
  const name = TARGETS[framework][chip.vendor];
  const target = probe.targets.find((one) => one.name === name);
  if (!target?.built)
    return { usable: false, version, reason: target?.detail ?? `${LABEL[framework]} ${version} is not built for it`, remedy };
  if (chip.vendor !== 'cpu' && target.devices.length === 0) return { usable: false, version, reason: target.detail, remedy };
  if (!probe.ipykernel) {
    return {
      usable: false,
      version,
      reason: `${candidate.python} has no ipykernel`,
      remedy: `${candidate.python} -m pip install ipykernel`,
    };
  }
  return { usable: true, version };
}
