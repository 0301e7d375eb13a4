/** `push`: variables of the active engine appear in another one. */
import { transferCommand } from './transfer.ts';

export const push = transferCommand(
  'push',
  'send variables from the active engine to another',
  'Arrays move as buffers, without pickle: NumPy arrays, and tensors of either framework, which arrive as tensors of the other engine’s. Numbers, text, lists and dicts of those move too. What cannot move is named with the reason, and the rest goes on.',
  ['push weights --to cpu/mindspore', 'push x y --to mindspore'],
  true,
);
