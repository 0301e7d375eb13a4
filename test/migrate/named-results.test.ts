// Results whose parts PyTorch names: a part's name becomes its place, and nothing else that has such an attribute is touched.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { FIELDS } from '../../kernel/src/migrate/named-results.ts';
import { python } from '../../setup/places.mjs';
import { assertMigrated } from './migration.ts';

test('a part of a named result becomes its place', () =>
  assertMigrated(
    `
    import torch

    def best(x: torch.Tensor, y: torch.Tensor):
        return torch.sort(x)

    def f(x: torch.Tensor, table: dict, other):
        peak = x.max(dim=1).values + torch.max(x, 1).indices
        ordered = best(x, x)
        u = torch.linalg.svd(x)
        pair = x.topk(2) if table else None
        fitted = torch.linalg.lstsq(
            x, x
        ).solution  # a comment
        return peak, ordered.values.sum(), u.Vh, pair.indices, fitted, torch.max(x, other.y), table.values(), other.values
    `,
    `
    import mindspore as ms
    import tradewind_compat as compat

    def best(x: ms.Tensor, y: ms.Tensor):
        return compat.sort(x)

    def f(x: ms.Tensor, table: dict, other):
        peak = compat.reduce_max(x, dim=1)[0] + compat.reduce_max(x, 1)[1]
        ordered = best(x, x)
        u = compat.svd(x)
        pair = compat.topk(x, 2) if table else None
        fitted = compat.lstsq(
            x, x
        )[0]  # a comment
        return peak, compat.reduce_sum(ordered[0]), u[2], pair[1], fitted, compat.reduce_max(x, other.y), table.values(), other.values
    `,
  ));

test('the fields are those of torch.return_types', () => {
  const named = Object.entries(FIELDS);
  const program = [
    'import json, sys, torch',
    'types = {name: kind for name, kind in vars(torch.return_types).items() if isinstance(kind, type)}',
    'def fields(kind):',
    '    numbered = {repr(getattr(kind(range(kind.n_fields)), name)): name for name in dir(kind) if name in kind.__match_args__}',
    '    return [numbered[str(at)] for at in range(kind.n_fields)]',
    'print(json.dumps({name: fields(types[name.replace(".", "_")]) for name in sys.argv[1:]}))',
  ].join('\n');
  const run = spawnSync(python, ['-c', program, ...named.map(([name]) => name)], { encoding: 'utf8', cwd: join(import.meta.dirname) });
  assert.equal(run.status, 0, run.stderr);
  assert.deepEqual(JSON.parse(run.stdout), Object.fromEntries(named));
});
