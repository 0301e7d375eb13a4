// One version everywhere: package.json, the kernel, the Python package, the citation.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { rootFolder } from '../../kernel/src/processes/places.ts';
import { TRADEWIND_VERSION } from '../../kernel/src/records/version.ts';

const read = (...path: string[]) => readFileSync(join(rootFolder(), ...path), 'utf8');

test('the version is the same in all places', () => {
  assert.equal(JSON.parse(read('package.json')).version, TRADEWIND_VERSION);
  assert.match(read('kernel', 'python', 'tradewind', '__init__.py'), new RegExp(`__version__ = "${TRADEWIND_VERSION}"`));
  assert.match(read('CITATION.cff'), new RegExp(`^version: ${TRADEWIND_VERSION}$`, 'm'));
});
