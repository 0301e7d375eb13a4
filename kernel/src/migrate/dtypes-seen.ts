/** The dtypes that a use works on, by the trace or by inference, against those that its operator was measured for: what was not measured is never passed off as equivalent. */
import type { Use } from '../records/report.ts';
import type { FileContext } from './context.ts';
import { field, parts, type Syntax } from './parse.ts';
import { callsAt, type Trace } from './trace.ts';
import type { Type } from './types.ts';

/** A use with the dtypes seen at its place, and those of them that its measurement leaves out. */
export function withDtypes(use: Use, node: Syntax, context: FileContext, trace: Trace | undefined): Use {
  // A measurement is of the tensors that go in; only what is made from none goes by what comes out.
  const calls = trace ? callsAt(trace, use) : [];
  const traced = calls.flatMap((call) => (call.inputs.length ? call.inputs : call.outputs).map((one) => plain(one.dtype)));
  const dtypes = traced.length ? [...new Set(traced)].sort() : isComplex(node, context) ? ['complex64'] : [];
  if (!dtypes.length) return use;
  const { measured } = use;
  if (!measured || use.status !== 'migrated') return { ...use, dtypes };
  const left = dtypes.filter((one) => !measured.dtypes.includes(one));
  const counted = left.flatMap((dtype) => {
    const [passed, samples] = measured.counts?.[dtype] ?? [0, 0];
    return samples ? [{ dtype, passed, samples }] : [];
  });
  const unmeasured = left.filter((one) => !counted.some(({ dtype }) => dtype === one));
  const reasons = [
    ...unmeasured.filter(complex).map((one) => `It was not measured for ${one}, which it works on here.`),
    ...counted
      .filter(({ dtype }) => complex(dtype))
      .map(({ dtype, passed, samples }) => `It works on ${dtype} here, of which ${passed} of ${samples} samples passed.`),
  ];
  return {
    ...use,
    dtypes,
    ...(unmeasured.length ? { unmeasuredDtypes: unmeasured } : {}),
    ...(counted.length ? { partlyMeasured: counted } : {}),
    // Complex arithmetic is where MindSpore's kernels and gradients go astray: such a rewrite is looked at.
    ...(reasons.length
      ? {
          grade: 'needs a look' as const,
          reason: [use.reason, ...reasons].filter(Boolean).join(' '),
          remedy: use.remedy ?? 'Compare with the original: tradewind verify runs both.',
        }
      : {}),
  };
}

const complex = (dtype: string) => dtype.startsWith('complex');
const plain = (dtype: string) => dtype.replace(/^torch\./, '');

/** Does it take a tensor that inference knows to be complex? */
function isComplex(node: Syntax, context: FileContext): boolean {
  const callee = node.type === 'call' ? field(node, 'function') : undefined;
  const object = node.type === 'attribute' ? field(node, 'object') : callee?.type === 'attribute' ? field(callee, 'object') : undefined;
  const given = node.type === 'call' ? parts(field(node, 'arguments')!) : [];
  return [object, ...given].some((one) => one !== undefined && complexType(context.inference.typeOf(one)));
}

function complexType(type: Type | undefined): boolean {
  if (type?.kind === 'union') return type.of.length > 0 && type.of.every(complexType);
  return type?.kind === 'tensor' && type.complex === true;
}
