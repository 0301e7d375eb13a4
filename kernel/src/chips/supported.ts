/**
 * Which CANN each framework for Ascend was built for, as data. Sources:
 * - torch_npu: the compatibility table of Ascend/pytorch (COMPATIBILITY.md, README.md);
 * - MindSpore 2.10: what its own run_check/_check_version.py accepts; earlier ones: ascend-deployer's version_match.json.
 * A version that is not here is not judged.
 */

/** torch_npu's package version → CANN. */
export const CANN_OF_TORCH_NPU: Readonly<Record<string, readonly string[]>> = {
  '2.12.0': ['9.1.0'],
  '2.11.0': ['9.1.0'],
  '2.10.0.post4': ['9.1.0'],
  '2.10.0': ['9.0.0'],
  '2.9.0.post6': ['9.1.0'],
  '2.9.0.post2': ['9.0.0'],
  '2.9.0': ['8.5.0'],
  '2.8.0.post4': ['9.0.0'],
  '2.8.0.post2': ['8.5.0'],
  '2.8.0': ['8.3.RC1'],
  '2.7.1.post8': ['9.1.0'],
  '2.7.1.post4': ['9.0.0'],
  '2.7.1.post2': ['8.5.0'],
  '2.7.1': ['8.3.RC1'],
  '2.6.0.post5': ['8.5.0'],
  '2.6.0.post3': ['8.3.RC1'],
  '2.6.0': ['8.2.RC1'],
  '2.5.1.post1': ['8.2.RC1'],
  '2.5.1': ['8.1.RC1'],
  '2.4.0.post4': ['8.1.RC1'],
  '2.3.1': ['8.0.RC2'],
  '2.2.0.post2': ['8.0.RC2'],
  '2.2.0': ['8.0.RC1'],
  '2.1.0.post17': ['8.3.RC1'],
  '2.1.0.post13': ['8.2.RC1'],
  '2.1.0.post12': ['8.1.RC1'],
  '2.1.0.post6': ['8.0.RC2'],
  '2.1.0.post3': ['8.0.RC1'],
  '2.1.0': ['7.0.0'],
};

/** MindSpore's version → the beginnings of CANN's that it takes. */
export const CANN_OF_MINDSPORE: Readonly<Record<string, readonly string[]>> = {
  '2.10.0': ['8.2', '8.3', '8.5', '9.0', '9.1'],
  '2.7.2': ['8.5.0'],
  '2.7.1': ['8.3.RC1'],
  '2.6.0': ['8.2.RC1'],
};

/** `8.5` fits `8.5.0`; `8.3.RC1` fits `8.3.RC1` alone. */
function begins(version: string, wanted: string): boolean {
  return version === wanted || version.startsWith(`${wanted}.`);
}

/** Does CANN fit the framework? `unknown` where the table has no such version. */
export function cannFits(table: Readonly<Record<string, readonly string[]>>, framework: string, cann: string): 'yes' | 'no' | 'unknown' {
  const wanted = table[framework.replace(/\+.*$/, '')];
  if (!wanted) return 'unknown';
  return wanted.some((one) => begins(cann, one)) ? 'yes' : 'no';
}
