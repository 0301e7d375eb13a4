/** Why an operator's row can have no measurement: what is measured are functions from tensors to tensors, and nothing else. */
import type { Strategy } from '../records/report.ts';
import type { Row } from './table.ts';

const RANDOM =
  /\.(randn?|randint|randperm|rand(n|int)?_like|bernoulli|normal|multinomial|init\.\w+|\w*[dD]ropout\w*|manual_seed|Generator)$/;

/** One clause for the report; undefined where the row could be measured. */
export function whyUnmeasured(row: Row | undefined, api: string, strategy: Strategy): string | undefined {
  if (strategy === 'unsupported') return undefined;
  if (strategy === 'restructured') return 'the code around it is restructured; verify runs it';
  if (!row) return undefined;
  if (!api.startsWith('torch.')) return "PyTorch has no samples of it; Tradewind's own tests run it";
  if (row.kind === 'attribute') return 'an attribute, not a function';
  if (RANDOM.test(api)) return 'random numbers, or what sets them, differ between the frameworks';
  if (/^torch\.nn\.(Module|Parameter)(List|Dict)$|^torch\.nn\.(Parameter|Sequential)$/.test(api))
    return 'a container; what it holds is measured';
  return row.returns === 'tensor' || row.returns === 'tensors' ? undefined : 'not a function of tensors';
}
