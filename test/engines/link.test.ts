// The link to an engine's host: whatever is cut, and wherever, every message arrives once and in order; and squeue's words on a wait.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createLink, type Link, packMessage, unpackMessage } from '../../kernel/src/engines/link.ts';
import { queueSentence } from '../../kernel/src/engines/queue.ts';
import { WireError } from '../../kernel/src/wire/message.ts';

/** Two links and the lines between them: bytes wait until they are moved, and are lost when the connection is. */
function pair() {
  const received: string[][] = [[], []];
  const lines: Buffer[] = [Buffer.alloc(0), Buffer.alloc(0)];
  const links: Link[] = [0, 1].map((side) => createLink((channel, frames) => received[side]!.push(`${channel} ${frames.map(String)}`)));
  return {
    received,
    links,
    connect() {
      for (const side of [0, 1]) lines[side] = Buffer.alloc(0);
      for (const side of [0, 1])
        links[side]!.opened((chunk) => {
          lines[side] = Buffer.concat([lines[side]!, chunk]);
        });
    },
    cut() {
      for (const link of links) link.lost();
    },
    /** Moves so many bytes from one side to the other. */
    move(side: number, bytes: number) {
      const chunk = lines[side]!.subarray(0, bytes);
      lines[side] = lines[side]!.subarray(bytes);
      if (chunk.length > 0) links[1 - side]!.took(chunk);
    },
    waiting: (side: number) => lines[side]!.length,
  };
}

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('send' as const), side: fc.nat(1), size: fc.nat(30) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('move' as const), side: fc.nat(1), size: fc.nat(60) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('cut' as const, 'connect' as const, 'tick' as const), side: fc.nat(1), size: fc.nat(1) }),
  },
);

test('every message arrives once and in order, wherever the connection is cut', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const both = pair();
      const sent: string[][] = [[], []];
      let connected = false;
      for (const one of steps) {
        if (one.do === 'send') {
          const text = `${sent[one.side]!.length}${'x'.repeat(one.size)}`;
          both.links[one.side]!.send('iopub', [Buffer.from(text), Buffer.alloc(0)]);
          sent[one.side]!.push(`iopub ${text},`);
        } else if (one.do === 'move' && connected) both.move(one.side, one.size);
        else if (one.do === 'tick') both.links[one.side]!.tick();
        else if (one.do === 'cut' && connected) {
          both.cut();
          connected = false;
        } else if (one.do === 'connect' && !connected) {
          both.connect();
          connected = true;
        }
      }
      both.cut();
      both.connect();
      for (let round = 0; round < 6; round++) for (const side of [0, 1]) both.move(side, both.waiting(side));
      assert.deepEqual(both.received, [sent[1], sent[0]]);
    }),
    { numRuns: 300 },
  );
});

test('a message comes out as it went in, and garbage is refused', () => {
  const frames = fc.array(
    fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(fc.constantFrom('shell', 'control', 'stdin', 'iopub'), frames, fc.nat(), (channel, parts, cut) => {
      const body = packMessage(channel, parts);
      assert.deepEqual(unpackMessage(body), { channel, frames: parts });
      const short = body.subarray(0, cut % body.length);
      assert.throws(() => unpackMessage(short), WireError);
    }),
  );
});

// Lines of squeue 22.05 and 23.11, `--format=%r|%S`.
const WAITS: [line: string, sentence: string][] = [
  ['Resources|N/A\n', "job 7 waits in Slurm's queue (Resources: the nodes that it asks for are in use)"],
  [
    'Priority|2026-11-27T14:05:00\n',
    "job 7 waits in Slurm's queue (Priority: jobs of higher priority come first); expected to start at 2026-11-27 14:05:00",
  ],
  [
    'ReqNodeNotAvail, UnavailableNodes:npu[01-02]|N/A\n',
    "job 7 waits in Slurm's queue (ReqNodeNotAvail, UnavailableNodes:npu[01-02]: a node that it asks for is down, drained or reserved)",
  ],
  ['SomethingNew|N/A\n', "job 7 waits in Slurm's queue (SomethingNew)"],
  ['None|N/A\n', "job 7 waits in Slurm's queue"],
  ['', "job 7 waits in Slurm's queue"],
];
for (const [line, sentence] of WAITS) test(`squeue's ${JSON.stringify(line)}`, () => assert.equal(queueSentence('7', line), sentence));
