/** Run by the build: reads kernel/operators once, so that its snapshots lie beside the bundle (snapshot.ts). */
import { join } from 'node:path';
import { operatorsFolder } from '../processes/places.ts';
import { readCompat } from './compat.ts';
import { loadParser } from './parse.ts';
import { loadTable } from './table.ts';

await loadTable(operatorsFolder());
await readCompat(join(operatorsFolder(), 'compat'), await loadParser());
