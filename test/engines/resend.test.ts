/** What a Jupyter server lost, put back in its place: whatever was lost, held or came twice. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createResend } from '../../kernel/src/engines/resend.ts';

const message = (id: number): Buffer[] =>
  [JSON.stringify({ msg_id: `m${id}`, msg_type: 'stream' }), '{}', '{}', `${id}`].map((text) => Buffer.from(text));

test('every message is passed on once and in order, whatever the server lost before a cut and said again after it', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ before: fc.nat(6), lost: fc.nat(6), buffered: fc.nat(6), margin: fc.nat(4), early: fc.nat(3) }), {
        maxLength: 5,
      }),
      (cuts) => {
        const got: number[] = [];
        const resend = createResend((_, parts) => got.push(Number(parts[3]!.toString())));
        let made = 0;
        for (const { before, lost, buffered, margin, early } of cuts) {
          for (let i = 0; i < before; i++) resend.receive('iopub', message(made++));
          const heard = made - 1;
          made += lost;
          const { after, heard: told } = resend.hold();
          assert.deepEqual(
            told,
            got.slice(-64).map((id) => `m${id}`),
          );
          assert.equal(after, heard < 0 ? null : got.length > 0 ? `m${got.at(-1)}` : null);
          // The server says what it kept, which may be there before the engine's answer.
          for (let i = 0; i < buffered; i++) resend.receive('iopub', message(made++));
          const again = Array.from({ length: made + early }, (_, i) => i).slice(
            Math.max(0, (after ? Number(after.slice(1)) : -1) + 1 - margin),
          );
          const parts = again.map(message);
          resend.answered({ messages: parts.map((one) => ({ channel: 'iopub', parts: one.length })) }, parts.flat());
          for (let i = 0; i < early; i++) resend.receive('iopub', message(made++));
        }
        assert.deepEqual(
          got,
          Array.from({ length: made }, (_, i) => i),
        );
      },
    ),
  );
});

test('without an answer, what was held goes on; a late answer adds what is missing', () => {
  const got: string[] = [];
  const resend = createResend((channel, parts) => got.push(`${channel} ${parts[3]}`));
  resend.receive('iopub', message(0));
  assert.deepEqual(resend.hold(), { after: 'm0', heard: ['m0'] });
  resend.receive('iopub', message(2));
  resend.receive('control', message(9));
  assert.deepEqual(got, ['iopub 0', 'control 9']);
  resend.release();
  resend.answered({ messages: [1, 2].map(() => ({ channel: 'shell', parts: 4 })) }, [...message(1), ...message(2)]);
  assert.deepEqual(got.slice(2), ['iopub 2', 'shell 1']);
});
