import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createHeader, DELIMITER, open, parse, WireError } from '../../kernel/src/wire/message.ts';
import { createReceiver, createReplayGuard, createSigner, seal } from '../../kernel/src/wire/signature.ts';

const signer = createSigner('a key');
const message = (content: Record<string, unknown>, buffers: Buffer[] = [], identities: Buffer[] = [Buffer.from('client')]) => ({
  identities,
  header: createHeader('execute_request', 'session'),
  parentHeader: {},
  metadata: { deep: [1, null, { a: 'é' }] },
  content,
  buffers,
});
const faultOf = (action: () => unknown) => {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof WireError, String(error));
    return error.fault;
  }
  return undefined;
};

describe('messages', () => {
  test('what is sealed is received: any JSON, any buffers, any number of identities', () => {
    const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
    const identity = bytes.filter((one) => !one.equals(DELIMITER));
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(bytes), fc.array(identity), (content, buffers, identities) => {
        const plain = JSON.parse(JSON.stringify(content));
        const sent = message(plain, buffers, identities);
        const { message: received } = createReceiver(signer)(seal(signer, sent));
        assert.deepEqual(
          received,
          JSON.parse(JSON.stringify({ ...sent, identities: 0, buffers: 0 }), (key, value) =>
            key === 'identities' ? identities : key === 'buffers' ? buffers : value,
          ),
        );
      }),
    );
  });

  test('any change of a signed byte is noticed', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }), (part, place, change) => {
        const frames = seal(signer, message({ code: 'print(1)' }));
        const at = 2 + (part % 5); // the signature and the four parts
        const frame = Buffer.from(frames[at]!);
        frame[place % frame.length]! ^= change;
        frames[at] = frame;
        assert.equal(
          faultOf(() => createReceiver(signer)(frames)),
          'signature',
        );
      }),
    );
  });

  test('buffers are not signed, as the protocol has it', () => {
    const frames = seal(signer, message({}, [Buffer.from('abc')]));
    frames[frames.length - 1] = Buffer.from('xyz');
    assert.equal(createReceiver(signer)(frames).message.buffers[0]!.toString(), 'xyz');
  });

  test('garbage is told from messages, never more than a WireError', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.uint8Array(), fc.constant(new Uint8Array(DELIMITER)), fc.constant(Buffer.from('{}')))), (frames) => {
        const buffers = frames.map((frame) => Buffer.from(frame));
        assert.ok(faultOf(() => createReceiver(signer)(buffers)));
        const fault = faultOf(() => createReceiver(createSigner(''))(buffers));
        assert.ok(fault === undefined || fault === 'malformed');
      }),
    );
  });

  test('each missing or misshapen part is named', () => {
    const sign = (parts: string[]) => {
      const bytes = parts.map((part) => Buffer.from(part));
      return [DELIMITER, signer.sign(bytes), ...bytes];
    };
    const header = JSON.stringify(createHeader('x', 's'));
    const cases: [Buffer[], RegExp][] = [
      [[Buffer.from('a')], /no delimiter/],
      [[DELIMITER, Buffer.from('sig'), Buffer.from('{}')], /at least 5/],
      [sign(['[]', '{}', '{}', '{}']), /header is not a JSON object/],
      [sign(['{}', '{}', '{}', '{}']), /no msg_id/],
      [sign([header, 'null', '{}', '{}']), /parent header is not a JSON object/],
      [sign([header, '{}', '{', '{}']), /metadata is not JSON/],
      [sign([header, '{}', '{}', '"x"']), /content is not a JSON object/],
    ];
    for (const [frames, words] of cases) assert.throws(() => createReceiver(signer)(frames), words);
    assert.equal(parse(open(sign([header, '{}', '{}', '{}']))).header.msg_type, 'x');
  });
});

describe('signatures', () => {
  test('agree with the reference: hmac-sha256 over the parts in order', () => {
    const parts = ['{"a":1}', '{}', '{}', '{"b":"é"}'].map((part) => Buffer.from(part));
    const expected = createHmac('sha256', 'a key').update(Buffer.concat(parts)).digest('hex');
    assert.equal(signer.sign(parts).toString(), expected);
    assert.ok(signer.verify(Buffer.from(expected), parts));
    assert.ok(!signer.verify(Buffer.from(expected.toUpperCase()), parts));
    assert.ok(!signer.verify(Buffer.from(expected.slice(1)), parts));
    assert.ok(!signer.verify(Buffer.alloc(0), parts));
  });

  test('agree with Node’s own HMAC for any key, hash and parts', () => {
    const algorithm = fc.constantFrom('md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'sha3-256', 'ripemd160');
    const bytes = fc.uint8Array({ maxLength: 300 }).map((part) => Buffer.from(part));
    fc.assert(
      fc.property(algorithm, fc.string({ minLength: 1, maxLength: 200 }), fc.array(bytes), (name, key, parts) => {
        const expected = createHmac(name, key).update(Buffer.concat(parts)).digest('hex');
        assert.equal(createSigner(key, `hmac-${name}`).sign(parts).toString(), expected);
      }),
    );
  });

  test('an unknown scheme is refused', () => {
    assert.throws(() => createSigner('key', 'hmac-nothing'), /unknown signature scheme/);
    assert.throws(() => createSigner('key', 'sha256'), /unknown signature scheme/);
  });

  test('a message is taken once', () => {
    const receive = createReceiver(signer);
    const frames = seal(signer, message({}));
    receive(frames);
    assert.equal(
      faultOf(() => receive(frames)),
      'replay',
    );
  });

  test('the guard remembers at least its capacity, and forgets at last', () => {
    const isNew = createReplayGuard(10);
    const signature = (at: number) => Buffer.from(`signature ${at}`);
    for (let at = 0; at < 10; at++) assert.ok(isNew(signature(at)));
    for (let at = 0; at < 10; at++) assert.ok(!isNew(signature(at)));
    for (let at = 10; at < 40; at++) isNew(signature(at));
    assert.ok(isNew(signature(0)));
    assert.ok(!isNew(signature(39)));
  });
});
