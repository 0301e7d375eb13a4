// A Jupyter server as the kernel sees it: certificates, tokens, refusals; and the WebSocket's frames. The real server is in test_remote.py.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import { jupyterServer } from '../../kernel/src/engines/jupyter-server.ts';
import { readToken, Unreachable } from '../../kernel/src/engines/rest.ts';
import { TradewindError } from '../../kernel/src/records/errors.ts';
import { WireError } from '../../kernel/src/wire/message.ts';
import { packWebSocket, unpackWebSocket } from '../../kernel/src/wire/websocket-frames.ts';

const folder = mkdtempSync(join(tmpdir(), 'tradewind-test-'));
after(() => rmSync(folder, { recursive: true }));

const SECRET = 'a-token-that-nobody-sees';
const environment = { TOKEN: SECRET };

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => server.close());
  return (server.address() as AddressInfo).port;
}

async function plain(answer: RequestListener) {
  const port = await listening(createServer(answer));
  return jupyterServer({ url: `http://127.0.0.1:${port}/base/`, kernelspec: 'python3', token: { env: 'TOKEN' } }, environment);
}

test('a certificate that is not trusted: refused by name, and no request is made', async () => {
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-days', '1'];
  const files = ['-keyout', key, '-out', certificate];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...files, ...subject], { stdio: 'ignore' });
  let requests = 0;
  const port = await listening(
    createSecureServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (_, response) => {
      requests++;
      response.end('{}');
    }),
  );
  const server = jupyterServer({ url: `https://localhost:${port}/`, kernelspec: 'python3', token: { env: 'TOKEN' } }, environment);
  await assert.rejects(server.find('k'), (error) => {
    assert.ok(error instanceof TradewindError);
    assert.match(error.data.message, /certificate that cannot be trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\)/);
    assert.match(error.data.remedy!, /NODE_EXTRA_CA_CERTS/);
    return true;
  });
  assert.equal(requests, 0);
});

test('the token goes in a header alone, under the base path', async () => {
  const seen: string[] = [];
  const server = await plain((request, response) => {
    seen.push(`${request.url} ${request.headers.authorization}`);
    response.end('{"id": "k"}');
  });
  assert.equal((await server.find('k'))?.id, 'k');
  assert.deepEqual(seen, [`/base/api/kernels/k token ${SECRET}`]);
});

describe('what a server may answer', () => {
  const cases: [status: number, told: RegExp | undefined, again: boolean][] = [
    [401, /refuses the token/, false],
    [403, /refuses the token/, false],
    [500, /HTTP 500/, false],
    [302, /refuses the token/, false],
    [502, /does not answer \(HTTP 502\)/, true],
    [503, /does not answer/, true],
    [404, undefined, false],
  ];
  for (const [status, told, again] of cases) {
    test(String(status), async () => {
      const server = await plain((_, response) => response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end('text'));
      if (!told) {
        assert.equal(await server.find('k'), undefined);
        return;
      }
      await assert.rejects(server.find('k'), (error: Error) => {
        assert.equal(error instanceof Unreachable, again);
        assert.match(error instanceof TradewindError ? error.data.message : error.message, told);
        assert.doesNotMatch(JSON.stringify(error instanceof TradewindError ? error.data : error.message), new RegExp(SECRET));
        return true;
      });
    });
  }

  const reasons: [body: string, told: RegExp][] = [
    [`{"message": "'_xsrf' argument missing from POST", "reason": null}`, /refuses the token/],
    ['{"message": "Forbidden", "reason": "User root may start no kernels"}', /refuses \(HTTP 403\): User root may start no kernels/],
  ];
  for (const [body, told] of reasons) {
    test(body, async () => {
      const server = await plain((_, response) => response.writeHead(403).end(body));
      await assert.rejects(server.find('k'), { message: told });
    });
  }

  test('nothing at all', async () => {
    const server = jupyterServer({ url: 'http://127.0.0.1:1/', kernelspec: 'python3' }, {});
    await assert.rejects(server.find('k'), Unreachable);
  });
});

test('a token’s file must be the user’s alone; a variable must be set', () => {
  const file = join(folder, 'token');
  writeFileSync(file, `${SECRET}\n`, { mode: 0o600 });
  const place = { file };
  assert.equal(readToken(place, {}), SECRET);
  chmodSync(file, 0o644);
  assert.throws(() => readToken(place, {}), { message: /can be read by other users/ });
  rmSync(file);
  assert.throws(() => readToken(place, {}), { message: /ENOENT/ });
  assert.throws(() => readToken({ env: 'NONE' }, {}), { message: /NONE.*is not set/ });
});

describe('frames of the WebSocket', () => {
  const part = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));

  test('come out as they went in', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('shell', 'iopub', 'stdin', 'control'),
        fc.array(part, { minLength: 4, maxLength: 8 }),
        (channel, parts) => {
          assert.deepEqual(unpackWebSocket(packWebSocket(channel, parts)), { channel, parts });
        },
      ),
    );
  });

  test('garbage is refused, and cut messages never read beyond their end', () => {
    fc.assert(
      fc.property(fc.array(part, { minLength: 4, maxLength: 6 }), fc.nat(), (parts, cut) => {
        const whole = packWebSocket('shell', parts);
        const some = whole.subarray(0, cut % whole.length);
        if (some.length < whole.length) assert.throws(() => unpackWebSocket(Buffer.from(some)), WireError);
      }),
    );
    fc.assert(
      fc.property(part, (bytes) => {
        try {
          unpackWebSocket(bytes);
        } catch (error) {
          assert.ok(error instanceof WireError);
        }
      }),
    );
  });
});
