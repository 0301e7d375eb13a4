/** `self.parts.head` of a ModuleDict or ParameterDict: a graph sees a dictionary, so its entry is taken by subscript. */
import type { FileContext } from './context.ts';
import { field, type Syntax } from './parse.ts';
import { alternatives } from './types.ts';

const OWN =
  /^(_\w*|keys|values|items|update|pop|clear|get|training|train|eval|to|cuda|cpu|float|half|double|type|apply|forward|modules|children|parameters|buffers|named_\w+|state_dict|load_state_dict|add_module|register_\w+|get_\w+|requires_grad_|zero_grad)$/;

export function moduleDictEntry(node: Syntax, context: FileContext): void {
  const object = field(node, 'object')!;
  const name = context.text(field(node, 'attribute')!);
  if (OWN.test(name) || (node.field === 'left' && node.parent?.type === 'assignment')) return;
  const types = alternatives(context.inference.typeOf(object));
  if (types.length === 0 || !types.every((one) => one.kind === 'layer' && /\.(Module|Parameter)Dict$/.test(one.name))) return;
  context.edits.replace(object.end, node.end, `["${name}"]`);
  context.use({
    node,
    api: types.some((one) => one.kind === 'layer' && one.name.endsWith('.ParameterDict'))
      ? 'torch.nn.ParameterDict'
      : 'torch.nn.ModuleDict',
    status: 'migrated',
    strategy: 'restructured',
    reason: 'A graph sees a dictionary: its entry is taken by subscript.',
  });
}
