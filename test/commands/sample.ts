// A command's definition with one of everything.
import type { Definition } from '../../kernel/src/commands/definition.ts';

export const SAMPLE: Definition = {
  name: 'sail',
  summary: 'sail somewhere',
  positionals: [
    { name: 'SOURCE', kind: 'path', description: 'where from' },
    { name: 'STOP', kind: 'text', description: 'where to stop', many: true, optional: true },
  ],
  options: [
    { name: 'output', short: 'o', value: { name: 'OUT', kind: 'path' }, required: true, description: 'where to' },
    {
      name: 'target',
      value: { name: 'TARGET', kind: 'text', choices: ['portable', 'ascend'], default: 'portable' },
      description: 'the target',
    },
    { name: 'steps', short: 'n', value: { name: 'N', kind: 'integer', default: '20' }, description: 'how many' },
    { name: 'rate', value: { name: 'R', kind: 'number' }, description: 'how fast' },
    { name: 'set', value: { name: 'KEY=VALUE', kind: 'text' }, many: true, description: 'settings' },
    { name: 'no-trace', description: 'no trace' },
  ],
};
