import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { curveKeyPair, Dealer, Request, Subscriber } from 'zeromq';
import { CHANNELS, type ConnectionInfo, endpoint, readConnection, writeConnection } from '../../kernel/src/wire/connection.ts';
import { bindKernel, connectEngine } from '../../kernel/src/wire/sockets.ts';

const folder = mkdtempSync(join(tmpdir(), 'tw-wire-'));
after(() => rmSync(folder, { recursive: true }));

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

async function info(transport: 'tcp' | 'ipc'): Promise<ConnectionInfo> {
  const ports = transport === 'ipc' ? [1, 2, 3, 4, 5] : await Promise.all(CHANNELS.map(freePort));
  const named = Object.fromEntries(CHANNELS.map((channel, at) => [`${channel}_port`, ports[at]]));
  return {
    transport,
    ip: transport === 'ipc' ? join(folder, 'k') : '127.0.0.1',
    key: 'k',
    signature_scheme: 'hmac-sha256',
    ...named,
  } as ConnectionInfo;
}

for (const transport of ['tcp', 'ipc'] as const) {
  test(`frames pass over ${transport}: shell, control, stdin, iopub, heartbeat`, async () => {
    const connection = await info(transport);
    const seen = Promise.withResolvers<string>();
    const kernel = await bindKernel(connection, {
      shell: (frames) => kernel.send('shell', frames),
      control: (frames) => kernel.send('control', frames),
      stdin: (frames) => kernel.send('stdin', frames),
      subscribed: (topic) => seen.resolve(topic.toString()),
    });
    try {
      for (const channel of ['shell', 'control', 'stdin'] as const) {
        const client = new Dealer();
        client.connect(endpoint(connection, channel));
        const big = Buffer.alloc(1_000_000, 7);
        await client.send([Buffer.from('a'), big, Buffer.alloc(0)]);
        const [a, b, c] = await client.receive();
        assert.deepEqual([a!.toString(), b!.equals(big), c!.length], ['a', true, 0]);
        client.close();
      }
      const listener = new Subscriber();
      listener.connect(endpoint(connection, 'iopub'));
      listener.subscribe('');
      assert.equal(await seen.promise, '');
      // More at once than any high-water mark: nothing is dropped.
      for (let at = 0; at < 5000; at++) kernel.send('iopub', [Buffer.from(String(at))]);
      for (let at = 0; at < 5000; at++) assert.equal((await listener.receive())[0]!.toString(), String(at));
      listener.close();
      const beat = new Request();
      beat.connect(endpoint(connection, 'hb'));
      await beat.send('ping');
      assert.equal((await beat.receive())[0]!.toString(), 'ping');
      beat.close();
    } finally {
      kernel.close();
    }
  });
}

test('a connection file with keys makes the sockets encrypted: who has no key is not heard', async () => {
  const keys = curveKeyPair();
  const connection = { ...(await info('tcp')), curve_publickey: keys.publicKey, curve_secretkey: keys.secretKey };
  const heard: string[] = [];
  const kernel = await bindKernel(connection, {
    shell: (frames) => {
      heard.push(frames.at(-1)!.toString());
      kernel.send('shell', frames);
    },
    control: () => {},
    stdin: () => {},
    subscribed: () => {},
  });
  const own = curveKeyPair();
  const stranger = new Dealer({ linger: 0 });
  stranger.connect(endpoint(connection, 'shell'));
  await stranger.send('plain');
  const client = new Dealer({ curveServerKey: keys.publicKey, curvePublicKey: own.publicKey, curveSecretKey: own.secretKey });
  client.connect(endpoint(connection, 'shell'));
  await client.send('secret');
  assert.equal((await client.receive())[0]!.toString(), 'secret');
  assert.deepEqual(heard, ['secret']);
  client.close();
  stranger.close();
  await kernel.close();
});

test('an engine’s client hears all channels, and one identity serves shell and stdin', async () => {
  const connection = { ...(await info('ipc')), ip: join(folder, 'e') };
  const identities: string[] = [];
  const answer = (channel: 'shell' | 'stdin') => (frames: Buffer[]) => {
    identities.push(frames[0]!.toString());
    kernel.send(channel, frames);
  };
  const kernel = await bindKernel(connection, { shell: answer('shell'), stdin: answer('stdin'), control: () => {}, subscribed: () => {} });
  const back = Promise.withResolvers<void>();
  let count = 0;
  const client = connectEngine(connection, 'one-identity', (channel, frames) => {
    assert.equal(frames[0]!.toString(), channel);
    if (++count === 2) back.resolve();
  });
  client.send('shell', [Buffer.from('shell')]);
  client.send('stdin', [Buffer.from('stdin')]);
  await back.promise;
  assert.deepEqual(identities, ['one-identity', 'one-identity']);
  client.close();
  kernel.close();
});

describe('connection files', () => {
  test('are written for their owner alone, and read back', async () => {
    const file = join(folder, 'connection.json');
    const connection = await info('ipc');
    writeConnection(file, connection);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(readConnection(file), connection);
  });

  test('what is wrong with one is told with its name', () => {
    const file = join(folder, 'wrong.json');
    assert.throws(() => readConnection(join(folder, 'absent.json')), /cannot be read/);
    writeConnection(file, { transport: 'pigeon' } as never);
    assert.throws(() => readConnection(file), /unknown transport: pigeon/);
    writeConnection(file, { transport: 'tcp', ip: '127.0.0.1', shell_port: 1 } as never);
    assert.throws(() => readConnection(file), /no iopub_port/);
  });
});
