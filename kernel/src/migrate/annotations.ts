/** Types from annotations: `torch.Tensor`, `Optional[Tensor]`, `List[Tensor]`, `Float[Tensor, "b c"]`, `nn.Module`, the project's classes. */
import type { Project, SourceModule } from './modules.ts';
import { resolve } from './names.ts';
import { bare, field, parts, type Syntax } from './parse.ts';
import { join, NONE, NUMBER, OTHER, TENSOR, TEXT, type Type, UNKNOWN } from './types.ts';

const NUMBERS = new Set(['builtins.int', 'builtins.float', 'builtins.bool', 'builtins.complex']);
const SEQUENCES =
  /^(builtins\.(list|set|frozenset)|typing\.(List|Sequence|Iterable|Iterator|Set|Collection|Generator)|collections\.abc\.(Sequence|Iterable|Iterator|Collection|Set|Generator))$/;
const MAPPINGS =
  /^(builtins\.dict|typing\.(Dict|Mapping|MutableMapping|OrderedDict|DefaultDict)|collections\.abc\.(Mapping|MutableMapping)|collections\.(OrderedDict|defaultdict))$/;

export function annotationType(node: Syntax, module: SourceModule, project: Project): Type | undefined {
  const text = (one: Syntax) => module.source.slice(one.start, one.end);
  const at = bare(node);
  switch (at.type) {
    case 'type':
      return parts(at)[0] && annotationType(parts(at)[0]!, module, project);
    case 'none':
      return NONE;
    case 'string':
      return /\bTensor\b/.test(text(at)) ? TENSOR : UNKNOWN;
    case 'union_type':
    case 'binary_operator':
      return join(...parts(at).map((one) => annotationType(one, module, project)));
    case 'generic_type':
    case 'subscript': {
      const children = parts(at);
      const parameters = at.type === 'generic_type' ? parts(children[1]!) : children.slice(1);
      return generic(children[0]!, parameters, module, project);
    }
    case 'identifier':
    case 'attribute':
    case 'member_type':
      return plain(at, module, project);
    default:
      return UNKNOWN;
  }
}

function plain(node: Syntax, module: SourceModule, project: Project): Type {
  const named = resolve(node, module, project)?.entity;
  if (named?.kind === 'class') return { kind: 'instance', of: named.node };
  if (named?.kind !== 'external') return UNKNOWN;
  const { name } = named;
  if (/^torch\.(Tensor|FloatTensor|LongTensor|BoolTensor|nn\.Parameter|nn\.parameter\.Parameter)$/.test(name)) return TENSOR;
  if (NUMBERS.has(name)) return NUMBER;
  if (name === 'builtins.str') return TEXT;
  if (name === 'torch.Size') return { kind: 'sequence', of: NUMBER };
  if (name === 'torch.dtype') return { kind: 'dtype' };
  if (name === 'torch.device' || name === 'torch.Generator') return OTHER;
  if (SEQUENCES.test(name) || name === 'builtins.tuple' || name === 'typing.Tuple') return { kind: 'sequence', of: UNKNOWN };
  if (MAPPINGS.test(name)) return { kind: 'mapping', of: UNKNOWN };
  if (name.startsWith('numpy.')) return { kind: 'array' };
  if (name.startsWith('torch.nn.')) return { kind: 'layer', name };
  return UNKNOWN;
}

function generic(head: Syntax, parameters: Syntax[], module: SourceModule, project: Project): Type | undefined {
  const named = resolve(head, module, project)?.entity;
  const name = named?.kind === 'external' ? named.name : '';
  const inner = () => parameters.map((one) => annotationType(one, module, project));
  if (name.startsWith('jaxtyping.')) return parameters[0] && annotationType(parameters[0], module, project);
  if (name === 'typing.Optional') return join(inner()[0], NONE);
  if (name === 'typing.Union') return join(...inner());
  if (name === 'typing.Annotated' || name === 'typing.Final' || name === 'typing.ClassVar') return inner()[0];
  if (name === 'typing.Tuple' || name === 'builtins.tuple') {
    const items = inner();
    const variable = parameters.at(-1) && /\.\.\./.test(module.source.slice(parameters.at(-1)!.start, parameters.at(-1)!.end));
    return variable ? { kind: 'sequence', of: items[0] } : { kind: 'tuple', items };
  }
  if (SEQUENCES.test(name)) return { kind: 'sequence', of: inner()[0] };
  if (MAPPINGS.test(name)) return { kind: 'mapping', of: inner()[1] };
  if (field(head, 'attribute') || head.type === 'identifier') return UNKNOWN;
  return UNKNOWN;
}
