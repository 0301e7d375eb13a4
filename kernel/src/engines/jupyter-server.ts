/**
 * A Jupyter Server, JupyterHub or Enterprise Gateway as seen from outside: its REST calls and its WebSocket, both with the token in a header.
 *
 * Node's own fetch and WebSocket are used: they verify TLS (NODE_EXTRA_CA_CERTS adds a site's own authority), and `@jupyterlab/services`
 * would parse and rebuild every message that a kernel only passes on.
 */
import { readFileSync, statSync } from 'node:fs';
import { TradewindError } from '../records/errors.ts';
import { WEBSOCKET_PROTOCOL } from '../wire/websocket-frames.ts';
import type { RemotePlace } from './spec.ts';

export interface KernelModel {
  id: string;
  name: string;
  execution_state?: string;
}

export interface JupyterServer {
  start(kernelspec: string, environment: Record<string, string>): Promise<KernelModel>;
  /** Undefined when the server answers that it has no such kernel. */
  find(id: string): Promise<KernelModel | undefined>;
  interrupt(id: string): Promise<void>;
  /** Ends the kernel; one that is gone already is no error. */
  remove(id: string): Promise<void>;
  /** `session` is the same after a reconnection: the server keeps what was said meanwhile for it. */
  open(id: string, session: string): WebSocket;
}

/** The server could not be reached: another try may succeed. */
export class Unreachable extends Error {}

/** Node's words for a certificate that is not to be trusted. */
const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)/;

/** One call may take so long; starting a kernel behind a queue takes longer. */
const PATIENCE = 15_000;
const START_PATIENCE = 300_000;

/** The token, read anew each time, so that a renewed one is taken up; never part of a message. Throws a TradewindError. */
export function readToken({ token }: RemotePlace, environment: NodeJS.ProcessEnv): string | undefined {
  if (!token) return undefined;
  if ('env' in token) {
    const value = environment[token.env]?.trim();
    if (value) return value;
    throw new TradewindError({
      code: 'absent',
      message: `the environment variable ${token.env}, which is to hold the server's token, is not set`,
      remedy: `Set ${token.env} where Jupyter is started.`,
    });
  }
  try {
    const { mode } = statSync(token.file);
    if (mode & 0o077) {
      throw new TradewindError({
        code: 'refused',
        message: 'the file with the server’s token can be read by other users',
        where: token.file,
        remedy: `chmod 600 ${token.file}`,
      });
    }
    return readFileSync(token.file, 'utf8').trim();
  } catch (error) {
    if (error instanceof TradewindError) throw error;
    throw new TradewindError({
      code: 'absent',
      message: `the server's token cannot be read: ${(error as Error).message}`,
      where: token.file,
    });
  }
}

/** Nothing is sent before the first call. */
export function jupyterServer(place: RemotePlace, environment: NodeJS.ProcessEnv): JupyterServer {
  const base = place.url.replace(/\/*$/, '/');
  const headers = (): Record<string, string> => {
    const token = readToken(place, environment);
    return token ? { Authorization: `token ${token}` } : {};
  };

  async function call(method: string, path: string, body?: object, patience = PATIENCE): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(new URL(path, base), {
        method,
        headers: { ...headers(), ...(body && { 'Content-Type': 'application/json' }) },
        body: body && JSON.stringify(body),
        signal: AbortSignal.timeout(patience),
        redirect: 'manual',
      });
    } catch (error) {
      if (error instanceof TradewindError) throw error;
      const cause = (error as { cause?: { code?: string; message?: string } }).cause;
      if (UNTRUSTED.test(cause?.code ?? '')) {
        throw new TradewindError({
          code: 'refused',
          message: `${base} shows a certificate that cannot be trusted (${cause?.code}); nothing was sent to it`,
          remedy: 'Where it is signed by a site’s own authority: NODE_EXTRA_CA_CERTS=/path/ca.pem where Jupyter is started.',
        });
      }
      throw new Unreachable(`${base} does not answer (${cause?.code ?? cause?.message ?? (error as Error).message})`);
    }
    if (response.ok || response.status === 404) return response;
    // A proxy before a server that is down answers so.
    if ([502, 503, 504].includes(response.status)) throw new Unreachable(`${base} does not answer (HTTP ${response.status})`);
    const told = (await response.text().catch(() => '')).slice(0, 300);
    // A hub sends whoever it does not know to its login page; a redirect is not followed, lest the token go elsewhere.
    const denied = response.status === 401 || response.status === 403 || (response.status >= 300 && response.status < 400);
    throw new TradewindError({
      code: denied ? 'refused' : 'process',
      message: denied
        ? `${base} refuses the token (HTTP ${response.status})`
        : `${base} answered ${method} ${path} with HTTP ${response.status}`,
      details: denied ? undefined : told || undefined,
      remedy: denied ? 'Make a new token on the server, and put it where engines.yaml says.' : undefined,
    });
  }

  const found = (response: Response, what: string): Response => {
    if (response.status !== 404) return response;
    throw new TradewindError({ code: 'input', message: `${base} has no ${what}`, remedy: 'Check url and kernelspec in engines.yaml.' });
  };

  return {
    async start(kernelspec, variables) {
      const response = await call('POST', 'api/kernels', { name: kernelspec, env: variables }, START_PATIENCE);
      return (await found(response, `Jupyter REST interface at api/kernels`).json()) as KernelModel;
    },
    async find(id) {
      const response = await call('GET', `api/kernels/${id}`);
      return response.status === 404 ? undefined : ((await response.json()) as KernelModel);
    },
    async interrupt(id) {
      found(await call('POST', `api/kernels/${id}/interrupt`), 'such kernel any more');
    },
    async remove(id) {
      await call('DELETE', `api/kernels/${id}`);
    },
    open(id, session) {
      const address = new URL(`api/kernels/${id}/channels?session_id=${encodeURIComponent(session)}`, base);
      address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
      const socket = new WebSocket(address, { protocols: [WEBSOCKET_PROTOCOL], headers: headers() } as never);
      socket.binaryType = 'arraybuffer';
      return socket;
    },
  };
}
