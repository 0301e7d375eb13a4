/**
 * Zarr over HTTP and HTTPS, and in object stores by their HTTP endpoint (`s3://bucket/key` at AWS_ENDPOINT_URL, public buckets). Its metadata must be
 * consolidated: a web server lists no folders. Requests have a time limit and are made again after faults that may pass.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { AbsolutePath, RangeQuery, Readable } from 'zarrita';
import { TradewindError } from '../../records/errors.ts';
import type { Store } from '../store.ts';
import { openArrays, quoted } from './zarr.ts';

/** How patient a reader is. */
export interface Patience {
  /** Milliseconds that one request may take. */
  limit: number;
  /** Milliseconds before each further try. */
  waits: readonly number[];
}

const PATIENCE: Patience = { limit: 60_000, waits: [200, 800, 3000, 10_000] };

export const isAddress = (path: string): boolean => /^(https?|s3|gs):\/\//i.test(path);

/** The HTTP address of a store. */
export function addressOf(path: string, environment: NodeJS.ProcessEnv = process.env): string {
  const [, scheme, bucket, key = ''] = /^(s3|gs):\/\/([^/]+)\/?(.*)$/i.exec(path) ?? [];
  if (!scheme) return path.replace(/\/+$/, '');
  const amazon = environment.AWS_ENDPOINT_URL_S3 ?? environment.AWS_ENDPOINT_URL;
  const endpoint = scheme.toLowerCase() === 'gs' ? 'https://storage.googleapis.com' : (amazon ?? 'https://s3.amazonaws.com');
  return `${endpoint.replace(/\/+$/, '')}/${bucket}/${key}`.replace(/\/+$/, '');
}

/** One GET: its bytes, or undefined where there is nothing at the address. */
export async function fetchBytes(
  address: string,
  headers: Record<string, string> = {},
  { limit, waits }: Patience = PATIENCE,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  let fault = '';
  for (const pause of [0, ...waits]) {
    if (pause > 0) await wait(pause);
    try {
      const response = await fetch(address, { headers, signal: AbortSignal.timeout(limit) });
      if (response.status === 404 || response.status === 410) return undefined;
      if (response.ok) {
        if (headers.Range && response.status !== 206)
          throw refused(address, 'the server gives no parts of a file, and a shard is read by parts');
        const bytes = new Uint8Array(await response.arrayBuffer());
        const announced = Number(response.headers.get('content-length') ?? bytes.length);
        // fetch unpacks what the server packed: then the length is of the packed bytes.
        if (response.headers.get('content-encoding') || bytes.length === announced) return bytes;
        fault = `${bytes.length} of ${announced} bytes came`;
      } else {
        fault = `the server answers ${response.status} ${response.statusText}`.trim();
        if (response.status < 500 && response.status !== 408 && response.status !== 429) throw refused(address, fault);
      }
    } catch (error) {
      if (error instanceof TradewindError) throw error;
      const { name, message, cause } = error as Error;
      fault = name === 'TimeoutError' ? `no answer within ${limit / 1000} s` : cause instanceof Error ? cause.message || message : message;
    }
  }
  throw refused(address, `${fault}, ${waits.length + 1} times`);
}

function refused(address: string, fault: string): TradewindError {
  return new TradewindError({
    code: 'input',
    message: `it can't be fetched: ${fault}`,
    where: address,
    remedy: /\b40[13]\b/.test(fault)
      ? 'Only what anyone may read is read: make it public, or copy it to this machine first.'
      : 'Check the address and the network (curl -I ADDRESS), or copy the store to this machine first.',
  });
}

/** Opens a Zarr store at an address. */
export async function openZarrAt(path: string, patience: Patience = PATIENCE): Promise<Store> {
  const root = addressOf(path);
  const metadata = new Map<string, Uint8Array>();
  const json = async (key: string) => {
    const bytes = await fetchBytes(`${root}/${key}`, {}, patience);
    if (!bytes) return undefined;
    try {
      return JSON.parse(quoted(Buffer.from(bytes).toString('utf8'))) as Record<string, unknown>;
    } catch (error) {
      throw refused(`${root}/${key}`, `it is no JSON (${(error as Error).message})`);
    }
  };
  const arrays: [string, 2 | 3][] = [];
  const keep = (key: string, value: unknown) => metadata.set(key, new TextEncoder().encode(JSON.stringify(value)));
  const two = (await json('.zmetadata')) as { metadata?: Record<string, unknown> } | undefined;
  if (two?.metadata) {
    for (const [key, value] of Object.entries(two.metadata)) {
      keep(`/${key}`, value);
      const [, name] = /^([^/]+)\/\.zarray$/.exec(key) ?? [];
      if (name) arrays.push([name, 2]);
    }
  } else {
    const three = (await json('zarr.json')) as { consolidated_metadata?: { metadata: Record<string, { node_type: string }> } } | undefined;
    if (!three)
      throw new TradewindError({
        code: 'input',
        message: 'there is no Zarr store with consolidated metadata (neither .zmetadata nor zarr.json)',
        where: root,
        remedy: 'Check the address; where the store is there: zarr.consolidate_metadata(STORE) once, on the side that may write.',
      });
    if (!three.consolidated_metadata)
      throw new TradewindError({
        code: 'input',
        message: 'its metadata is not consolidated, and a web server lists no folders',
        where: root,
        remedy: 'zarr.consolidate_metadata(STORE) once, on the side that may write.',
      });
    keep('/zarr.json', three);
    for (const [name, value] of Object.entries(three.consolidated_metadata.metadata)) {
      keep(`/${name}/zarr.json`, value);
      if (value.node_type === 'array' && !name.includes('/')) arrays.push([name, 3]);
    }
  }
  const store = {
    async get(key: AbsolutePath): Promise<Uint8Array | undefined> {
      if (metadata.has(key)) return metadata.get(key);
      // All metadata was in the consolidated one.
      if (/\/(zarr\.json|\.z[a-z]+)$/.test(key)) return undefined;
      return fetchBytes(root + key, {}, patience);
    },
    getRange(key: AbsolutePath, range: RangeQuery): Promise<Uint8Array | undefined> {
      const bytes = 'suffixLength' in range ? `-${range.suffixLength}` : `${range.offset}-${range.offset + range.length - 1}`;
      return fetchBytes(root + key, { Range: `bytes=${bytes}` }, patience);
    },
  };
  return openArrays(path, store as Readable, arrays);
}
