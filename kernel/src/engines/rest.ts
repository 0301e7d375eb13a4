/** REST calls to a Jupyter server or hub, with the token in a header; what goes wrong as errors that name server and remedy. */
import { readFileSync, statSync } from 'node:fs';
import type { Token } from '../chips/places.ts';
import { TradewindError } from '../records/errors.ts';

export interface Rest {
  /** The server's address, with a slash at its end. */
  readonly base: string;
  headers(): Record<string, string>;
  /** Answers that say "no such thing" (404, and a hub's 424 for a server that does not run) are given, other refusals thrown. */
  call(method: string, path: string, options?: { body?: object; patience?: number; signal?: AbortSignal }): Promise<Response>;
}

/** Did the server answer that it has no such thing? */
export function isMissing({ status }: Response): boolean {
  return status === 404 || status === 424;
}

/** The server could not be reached: another try may succeed. */
export class Unreachable extends Error {}

/** Node's words for a certificate that is not to be trusted. */
const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)/;

/** One call may take so long, unless more is given. */
const PATIENCE = 15_000;

/** The token, read anew each time, so that a renewed one is taken up; never part of a message. Throws a TradewindError. */
export function readToken(token: Token | undefined, environment: NodeJS.ProcessEnv): string | undefined {
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

/** A Jupyter server that does not know a token takes the call for a browser's, and misses its XSRF cookie. */
const NO_REASON = /^(Forbidden|Unauthorized)$|_xsrf/i;

/** A server's own words on why it refuses, where they say more than that it does (`{"message": …}` of a Jupyter server). */
function reasonOf(body: string): string | undefined {
  try {
    const { message, reason } = JSON.parse(body) as { message?: unknown; reason?: unknown };
    return [message, reason].find((one): one is string => typeof one === 'string' && one !== '' && !NO_REASON.test(one));
  } catch {
    return undefined;
  }
}

/** Nothing is sent before the first call. */
export function createRest(url: string, token: Token | undefined, environment: NodeJS.ProcessEnv): Rest {
  const base = url.replace(/\/*$/, '/');
  const headers = (): Record<string, string> => {
    const value = readToken(token, environment);
    return value ? { Authorization: `token ${value}` } : {};
  };

  async function call(
    method: string,
    path: string,
    { body, patience = PATIENCE, signal }: { body?: object; patience?: number; signal?: AbortSignal } = {},
  ): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(new URL(path, base), {
        method,
        headers: { ...headers(), ...(body && { 'Content-Type': 'application/json' }) },
        body: body && JSON.stringify(body),
        signal: AbortSignal.any([AbortSignal.timeout(patience), ...(signal ? [signal] : [])]),
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
    if (response.ok || isMissing(response)) return response;
    // A proxy before a server that is down answers so.
    if ([502, 503, 504].includes(response.status)) throw new Unreachable(`${base} does not answer (HTTP ${response.status})`);
    const told = (await response.text().catch(() => '')).slice(0, 1000);
    // A hub sends whoever it does not know to its login page; a redirect is not followed, lest the token go elsewhere.
    const denied = response.status === 401 || response.status === 403 || (response.status >= 300 && response.status < 400);
    const reason = denied ? reasonOf(told) : undefined;
    if (reason) throw new TradewindError({ code: 'refused', message: `${base} refuses (HTTP ${response.status}): ${reason}` });
    throw new TradewindError({
      code: denied ? 'refused' : 'process',
      message: denied
        ? `${base} refuses the token (HTTP ${response.status})`
        : `${base} answered ${method} ${path} with HTTP ${response.status}`,
      details: denied ? undefined : told.slice(0, 300) || undefined,
      remedy: denied ? 'Make a new token on the server, and put it where engines.yaml says.' : undefined,
    });
  }

  return { base, headers, call };
}
