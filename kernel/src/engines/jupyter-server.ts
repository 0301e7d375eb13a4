/**
 * A Jupyter Server, JupyterHub or Enterprise Gateway as seen from outside: its REST calls and its WebSocket, both with the token in a header.
 *
 * Node's own fetch and WebSocket are used: they verify TLS (NODE_EXTRA_CA_CERTS adds a site's own authority), and `@jupyterlab/services`
 * would parse and rebuild every message that a kernel only passes on.
 */
import type { ServerPlace } from '../chips/places.ts';
import { TradewindError } from '../records/errors.ts';
import { WEBSOCKET_PROTOCOL } from '../wire/websocket-frames.ts';
import { createRest, isMissing } from './rest.ts';

export interface KernelModel {
  id: string;
  name: string;
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

/** Starting a kernel behind a queue takes long. */
const START_PATIENCE = 300_000;

/** Nothing is sent before the first call. */
export function jupyterServer(place: ServerPlace, environment: NodeJS.ProcessEnv): JupyterServer {
  const { base, call, headers } = createRest(place.url, place.token, environment);

  const found = (response: Response, what: string): Response => {
    if (!isMissing(response)) return response;
    throw new TradewindError({ code: 'input', message: `${base} has no ${what}`, remedy: 'Check url and kernelspec in engines.yaml.' });
  };

  return {
    async start(kernelspec, variables) {
      const response = await call('POST', 'api/kernels', { body: { name: kernelspec, env: variables }, patience: START_PATIENCE });
      return (await found(response, `Jupyter REST interface at api/kernels`).json()) as KernelModel;
    },
    async find(id) {
      const response = await call('GET', `api/kernels/${id}`);
      return isMissing(response) ? undefined : ((await response.json()) as KernelModel);
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
