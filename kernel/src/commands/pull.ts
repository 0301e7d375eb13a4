/** `pull`: variables of another engine appear in the active one. */
import { transferCommand } from './transfer.ts';

export const pull = transferCommand(
  'pull',
  'fetch variables from another engine into the active one',
  'The counterpart of push: arrays move as buffers, without pickle, and tensors arrive as tensors of the active engine’s framework. What cannot move is named with the reason, and the rest goes on.',
  ['pull loss --from cpu/pytorch', 'pull x y --from mindspore'],
  false,
);
