/**
 * The chips that Tradewind knows, as data: the paper's figures, each with where it stands, what a card is called by its tools,
 * which frameworks run on it and what would bring it. To add a chip, add an entry (and a `reported` pattern that no other has).
 *
 * The paper: Sun et al., Deploying Atmospheric and Oceanic AI Models on Chinese Hardware and Framework (arXiv 2510.17852).
 * Where it contradicts itself both figures are here, and both are shown.
 */
import type { ChipFigures, Framework } from '../records/chips.ts';

/** Whose driver and tools speak for a card. */
export type Vendor = 'nvidia' | 'huawei' | 'hygon' | 'amd' | 'cpu';

export interface Chip {
  /** The word after `%chip`. */
  name: string;
  title: string;
  vendor: Vendor;
  /** The names that its tools and frameworks report; absent for the vendor's other cards. */
  reported?: RegExp;
  /** Of chips with the same reported name, the one whose memory (MB) is in this range. */
  memoryMB?: readonly [from: number, below: number];
  figures?: ChipFigures;
  /** Why a framework does not run on it; those that are not named run. */
  refuses?: Partial<Record<Framework, string>>;
  /** What would bring the chip itself. */
  remedy: string;
  /** Shown only when a card of it is here: it has no figures and stands for the vendor's cards that the catalogue does not name. */
  catchAll?: boolean;
}

const NO_MINDSPORE_ON_DCU =
  'MindSpore does not run on DCU chips: they need Sugon’s own PyTorch builds (ROCm), and MindSpore has no such backend (paper, text)';

export const CATALOGUE: readonly Chip[] = [
  {
    name: 'cpu',
    title: 'CPU',
    vendor: 'cpu',
    remedy: 'It is always here.',
  },
  {
    name: 'a100',
    title: 'NVIDIA A100',
    vendor: 'nvidia',
    reported: /\bA100\b/i,
    figures: {
      memoryGB: [{ value: 40, source: 'Table 1' }],
      fp16Tflops: [{ value: 312, source: 'Table 1' }],
      fp32Tflops: [{ value: 19.5, source: 'Table 1' }],
      bandwidthGBs: [{ value: 1597, source: 'Table 1' }],
    },
    remedy: 'A machine with an A100 and NVIDIA’s driver (nvidia-smi on the PATH).',
  },
  {
    name: '3090',
    title: 'NVIDIA GeForce RTX 3090',
    vendor: 'nvidia',
    reported: /\b3090\b(?! ?Ti)/i,
    figures: {
      memoryGB: [
        { value: 24, source: 'Table 1' },
        { value: 16, source: 'Table 2' },
      ],
      fp16Tflops: [{ value: 35.58, source: 'Table 1' }],
      fp32Tflops: [{ value: 35.58, source: 'Table 1' }],
      bandwidthGBs: [{ value: 936, source: 'Table 1' }],
    },
    remedy: 'A machine with a GeForce RTX 3090 and NVIDIA’s driver (nvidia-smi on the PATH).',
  },
  {
    name: '910b',
    title: 'Huawei Ascend 910b',
    vendor: 'huawei',
    reported: /910B/i,
    figures: {
      memoryGB: [
        { value: 40, source: 'Table 1' },
        { value: 32, source: 'text' },
      ],
      fp16Tflops: [
        { value: 376, source: 'Table 1' },
        { value: 256, source: 'text' },
      ],
      fp32Tflops: [{ value: 94, source: 'Table 1' }],
      bandwidthGBs: [{ value: 392, source: 'Table 1' }],
    },
    remedy: 'A machine with an Ascend 910B, its driver (npu-smi on the PATH) and CANN.',
  },
  {
    name: 'dcu',
    title: 'DCU Z100L, 32 GB',
    vendor: 'hygon',
    reported: /\bZ100L\b/i,
    memoryMB: [20_000, Number.POSITIVE_INFINITY],
    figures: {
      memoryGB: [{ value: 32, source: 'Table 1' }],
      fp16Tflops: [{ value: 24.5, source: 'Table 1' }],
      fp32Tflops: [{ value: 12.2, source: 'Table 1' }],
      bandwidthGBs: [{ value: 1024, source: 'Table 1' }],
    },
    refuses: { mindspore: NO_MINDSPORE_ON_DCU },
    remedy: 'A machine with a DCU Z100L, its driver and DTK (hy-smi or rocm-smi on the PATH).',
  },
  {
    name: 'dcu-16gb',
    title: 'DCU Z100L, 16 GB',
    vendor: 'hygon',
    reported: /\bZ100L\b/i,
    memoryMB: [0, 20_000],
    figures: {
      memoryGB: [{ value: 16, source: 'text' }],
      fp16Tflops: [{ value: 24.5, source: 'Table 1, of the 32 GB version' }],
      fp32Tflops: [{ value: 12.2, source: 'Table 1, of the 32 GB version' }],
      bandwidthGBs: [{ value: 1024, source: 'Table 1, of the 32 GB version' }],
    },
    refuses: { mindspore: NO_MINDSPORE_ON_DCU },
    remedy: 'A machine with a DCU Z100L of 16 GB, its driver and DTK (hy-smi or rocm-smi on the PATH).',
  },
  {
    name: 'cuda',
    title: 'Another NVIDIA GPU',
    vendor: 'nvidia',
    catchAll: true,
    remedy: 'A machine with an NVIDIA GPU and its driver (nvidia-smi on the PATH).',
  },
  {
    name: 'ascend',
    title: 'Another Ascend NPU',
    vendor: 'huawei',
    catchAll: true,
    remedy: 'A machine with an Ascend NPU, its driver (npu-smi on the PATH) and CANN.',
  },
  {
    name: 'hygon',
    title: 'Another Hygon DCU',
    vendor: 'hygon',
    catchAll: true,
    refuses: { mindspore: NO_MINDSPORE_ON_DCU },
    remedy: 'A machine with a Hygon DCU, its driver and DTK (hy-smi on the PATH).',
  },
  {
    name: 'rocm',
    title: 'An AMD GPU',
    vendor: 'amd',
    catchAll: true,
    refuses: { mindspore: 'MindSpore has no ROCm backend' },
    remedy: 'A machine with an AMD GPU and ROCm (rocm-smi on the PATH).',
  },
];

export function findChip(name: string): Chip | undefined {
  return CATALOGUE.find((chip) => chip.name === name);
}

/** Which chip a reported card is: by its name, and by its memory where one name covers several; else the vendor's catch-all. */
export function identify(vendor: Vendor, name: string, memoryMB: number | undefined): Chip {
  const own = CATALOGUE.filter((chip) => chip.vendor === vendor);
  const named = own.filter((chip) => chip.reported?.test(name));
  const fitting = named.find(
    (chip) => !chip.memoryMB || (memoryMB !== undefined && memoryMB >= chip.memoryMB[0] && memoryMB < chip.memoryMB[1]),
  );
  return fitting ?? named[0] ?? own.find((chip) => chip.catchAll) ?? own[0]!;
}
