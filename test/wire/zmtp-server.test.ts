import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import { Dealer, Subscriber } from 'zeromq';
import { command, GREETING, pack, property } from '../../kernel/src/wire/zmtp-frames.ts';
import { type Bound, bindEcho, bindPublisher, bindRouter } from '../../kernel/src/wire/zmtp-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'tw-zmtp-'));
after(() => rmSync(folder, { recursive: true }));

let count = 0;
const place = () => join(folder, `s${++count}`);
const text = (frames: readonly Buffer[]) => frames.map(String);

/** A client that speaks as it likes. */
async function raw(path: string, ...chunks: Buffer[]): Promise<{ socket: Socket; ended: Promise<void> }> {
  const socket = connect(path);
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => {});
  socket.resume();
  for (const chunk of chunks) socket.write(chunk);
  return { socket, ended };
}

describe('a router', () => {
  test('answers each peer by its identity; one without gets a name; one that comes back takes the old one’s place', async () => {
    const path = place();
    const router: Bound = await bindRouter({ path }, (frames) => router.send(frames));
    const dealer = (routingId?: string) => {
      const socket = new Dealer(routingId ? { routingId } : {});
      socket.connect(`ipc://${path}`);
      return socket;
    };
    const peers = [dealer('a'), dealer(), dealer()];
    await Promise.all(peers.map((peer, at) => peer.send([`from ${at}`, ''])));
    for (const [at, peer] of peers.entries()) assert.deepEqual(text(await peer.receive()), [`from ${at}`, '']);
    const again = dealer('a');
    await again.send('back');
    assert.deepEqual(text(await again.receive()), ['back']);
    router.send([Buffer.from('nobody'), Buffer.from('x')]); // dropped
    for (const peer of [...peers, again]) peer.close();
    await router.close();
  });

  test('a socket file that was left behind is no obstacle, another file is', async () => {
    const path = place();
    const first = await bindRouter({ path }, () => {});
    const second = await bindRouter({ path }, () => {});
    const file = place();
    writeFileSync(file, '');
    await assert.rejects(
      bindRouter({ path: file }, () => {}),
      /EADDRINUSE/,
    );
    await second.close();
    await first.close();
  });

  test('what was sent before it closes arrives', async () => {
    const path = place();
    const router: Bound = await bindRouter({ path }, ([identity]) => {
      for (let at = 0; at < 50; at++) router.send([identity!, Buffer.alloc(200_000, at)]);
      router.close();
    });
    const peer = new Dealer();
    peer.connect(`ipc://${path}`);
    await peer.send('go');
    for (let at = 0; at < 50; at++) assert.ok((await peer.receive())[0]!.equals(Buffer.alloc(200_000, at)));
    peer.close();
  });
});

describe('a publisher', () => {
  test('sends by topic, tells of every subscription, and heeds the end of one', async () => {
    const path = place();
    const heard: string[] = [];
    let next = Promise.withResolvers<void>();
    const publisher = await bindPublisher({ path }, (topic) => {
      heard.push(topic.toString());
      next.resolve();
      next = Promise.withResolvers();
    });
    const listener = new Subscriber();
    listener.connect(`ipc://${path}`);
    listener.subscribe('wind');
    await next.promise;
    listener.subscribe('wind', 'sal');
    while (!heard.includes('sal')) await next.promise;
    publisher.send([Buffer.from('temp'), Buffer.from('0')]);
    publisher.send([Buffer.from('wind.u'), Buffer.from('1')]);
    publisher.send([Buffer.from('salt'), Buffer.from('2')]);
    assert.deepEqual(text(await listener.receive()), ['wind.u', '1']);
    assert.deepEqual(text(await listener.receive()), ['salt', '2']);
    listener.close();
    await publisher.close();
  });

  test('subscriptions as commands, as ZMTP 3.1 has them', async () => {
    const path = place();
    const subscribed = Promise.withResolvers<string>();
    const publisher = await bindPublisher({ path }, (topic) => subscribed.resolve(topic.toString()));
    const ready = command('READY', property('Socket-Type', Buffer.from('SUB')));
    const { socket } = await raw(path, GREETING, ready, command('SUBSCRIBE', Buffer.from('t')));
    assert.equal(await subscribed.promise, 't');
    const got = new Promise<Buffer>((resolve) => socket.on('data', (chunk: Buffer) => chunk.includes('news') && resolve(chunk)));
    publisher.send([Buffer.from('t'), Buffer.from('news')]);
    await got;
    socket.destroy();
    await publisher.close();
  });
});

describe('peers that break the protocol lose their connection, and nobody else’s', () => {
  const faults: Record<string, Buffer[]> = {
    'another protocol': [Buffer.from(`GET / HTTP/1.1\r\n${'x'.repeat(80)}`)],
    'ZMTP 2': [Buffer.concat([GREETING.subarray(0, 10), Buffer.from([2]), GREETING.subarray(11)])],
    'another mechanism': [Buffer.concat([GREETING.subarray(0, 12), Buffer.from('CURVE'), GREETING.subarray(17)])],
    'a message before the handshake': [GREETING, ...pack([Buffer.from('x')])],
    'a command that is not READY': [GREETING, command('HELLO')],
    'a frame larger than any memory': [
      GREETING,
      command('READY', property('Socket-Type', Buffer.from('DEALER'))),
      Buffer.from([2, 0x7f, 255, 255, 255, 255, 255, 255, 255]),
    ],
  };
  for (const [name, chunks] of Object.entries(faults)) {
    test(name, async (t) => {
      const said = t.mock.method(console, 'error', () => {});
      const path = place();
      const echo = await bindRouter({ path }, () => {});
      const { ended } = await raw(path, ...chunks);
      await ended;
      assert.match(String(said.mock.calls[0]?.arguments[0]), /connection to the ROUTER socket was closed: /);
      await echo.close();
    });
  }

  test('any bytes at all: the next peer is served', async (t) => {
    t.mock.method(console, 'error', () => {});
    const path = place();
    const echo = await bindEcho({ path });
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 4 }), async (greets, parts) => {
        const { socket, ended } = await raw(path, ...(greets ? [GREETING] : []), ...parts.map((part) => Buffer.from(part)));
        socket.end();
        await ended;
      }),
      { numRuns: 60 },
    );
    const peer = new Dealer();
    peer.connect(`ipc://${path}`);
    await peer.send(['', 'alive']);
    assert.deepEqual(text(await peer.receive()), ['', 'alive']);
    peer.close();
    await echo.close();
  });
});
