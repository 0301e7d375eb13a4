/** PyTorch's names by the file that defines them (`torch.nn.modules.batchnorm.BatchNorm2d`), as tools write them, become the names that its documentation gives. */

/** The folder or file of definition, what the name looks like, where it is documented. */
const HOMES: readonly [RegExp, string][] = [
  [/^torch\.nn\.modules\.(?:[a-z_]+\.)?(?=[A-Z])/, 'torch.nn.'],
  [/^torch\.nn\.parameter\.(?=[A-Z])/, 'torch.nn.'],
  [/^torch\.nn\.parallel\.(?:distributed|data_parallel)\.(?=[A-Z])/, 'torch.nn.parallel.'],
  [/^torch\.nn\.utils\.(?:clip_grad|convert_parameters|weight_norm|spectral_norm|fusion)\.(?=\w)/, 'torch.nn.utils.'],
  [/^torch\.optim\.(?!lr_scheduler\.|swa_utils\.)[a-z_]+\.(?=[A-Z])/, 'torch.optim.'],
  [/^torch\.utils\.data\.(?:dataloader|dataset|sampler)\.(?=[A-Z])/, 'torch.utils.data.'],
  [/^torch\.(cuda\.amp|cpu\.amp|amp)\.(?:grad_scaler|autocast_mode)\.(?=\w)/, 'torch.$1.'],
  [/^torch\.distributed\.distributed_c10d\.(?=\w)/, 'torch.distributed.'],
  [/^torch\.functional\.(?=\w)/, 'torch.'],
  [/^torch\._tensor\.(?=Tensor\b)/, 'torch.'],
  [/^einops\.einops\.(?=\w)/, 'einops.'],
];

/** The documented name of what a dotted name leads to. */
export function documentedName(name: string): string {
  if (!name.startsWith('torch.') && !name.startsWith('einops.einops.')) return name;
  for (const [home, shown] of HOMES) if (home.test(name)) return name.replace(home, shown);
  return name;
}
