/** A migrated model of Tradewind's own is kept only as long as what it was made of stays as it is. */
import assert from 'node:assert/strict';
import { appendFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { migrationKey } from '../../kernel/src/commands/migrated-model.ts';
import { operatorsFolder } from '../../kernel/src/processes/places.ts';

const folder = mkdtempSync(join(tmpdir(), 'tradewind-operators-'));
after(() => rmSync(folder, { recursive: true }));

test('a changed row, compat function, measurement or source is another model', async () => {
  const [operators, source] = [join(folder, 'operators'), join(folder, 'model.py')];
  cpSync(operatorsFolder(), operators, { recursive: true });
  appendFileSync(source, 'import torch\n');
  const keys = [await migrationKey(source, operators)];
  assert.deepEqual(await migrationKey(source, operators), keys[0]);
  for (const changed of ['operators/activations.yaml', 'operators/compat/einops.py', 'operators/measured/activations.json', 'model.py']) {
    appendFileSync(join(folder, changed), '\n');
    keys.push(await migrationKey(source, operators));
  }
  assert.equal(new Set(keys).size, 5, `${keys}`);
});
