/** `place` of engines.yaml: read, and refused with its line where it is wrong or would give a secret away. */
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { isMap, isScalar, type Node, type YAMLMap } from 'yaml';
import { didYouMean } from '../records/nearest.ts';
import type { Place, Token } from './places.ts';
import { slurmPlaceOf } from './slurm-place.ts';
import { type Fault, nodeAt, only, textOf, variableName } from './yaml-faults.ts';

const SERVER_KEYS = ['url', 'kernelspec', 'token'] as const;
const HUB_KEYS = ['hub', 'user', 'server', 'kernelspec', 'token'] as const;
export const PLACE_KEYS = ['url', 'hub', 'user', 'server', 'slurm', 'kernelspec', 'token'] as const;
const KINDS = 'url (a Jupyter server or gateway), hub (a JupyterHub) or slurm';

/** `path` from the folder of the file that names it. */
export function absolute(path: string, file: string): string {
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : resolve(dirname(file), path);
}

/** A place, whose secrets are elsewhere: a token in the file itself, or one that would go over the network in clear, is refused. */
export function placeOf(node: Node, file: string, fault: Fault): Exclude<Place, 'local'> {
  if (isScalar(node)) {
    if (node.value === 'slurm') return slurmPlaceOf(node, fault);
    return fault(node, `place is the word slurm or a mapping with ${KINDS}${didYouMean(String(node.value), ['slurm'])}`);
  }
  if (!isMap(node)) return fault(node, `place must be a mapping with ${KINDS}`);
  if (node.has('slurm')) {
    only(node, ['slurm'], fault);
    return slurmPlaceOf(nodeAt(node, 'slurm'), fault);
  }
  const hub = node.has('hub');
  only(node, hub ? HUB_KEYS : node.has('url') ? SERVER_KEYS : PLACE_KEYS, fault);
  if (!hub && !node.has('url')) fault(node, `a place needs ${KINDS}`);
  const url = addressOf(node, hub ? 'hub' : 'url', fault);
  const kernelspec = node.has('kernelspec') ? textOf(node, 'kernelspec', fault) : 'python3';
  const token = node.has('token') ? tokenOf(nodeAt(node, 'token'), file, fault) : undefined;
  if (!hub) return { url, kernelspec, ...(token && { token }) };
  if (!token) return fault(node, 'a hub needs token', REMEDY);
  const path = (key: string): string => {
    const text = textOf(node, key, fault);
    return /[/\s?#]/.test(text) ? fault(nodeAt(node, key), `${text} is no name of a ${key}`) : text;
  };
  return {
    hub: url.replace(/hub\/?$/, ''),
    ...(node.has('user') && { user: path('user') }),
    server: node.has('server') ? path('server') : '',
    kernelspec,
    token,
  };
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

function addressOf(map: YAMLMap, key: 'url' | 'hub', fault: Fault): string {
  const at = nodeAt(map, key);
  const url = URL.parse(textOf(map, key, fault));
  if (!url || !['http:', 'https:'].includes(url.protocol)) return fault(at, `${key} must begin with https:// (or http:// on this machine)`);
  if (url.username || url.password || url.search || url.hash)
    return fault(at, `${key} must hold no user, password, token or query`, 'Name where the token is: token: {env: NAME} or {file: PATH}.');
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname))
    return fault(
      at,
      `http:// would send the token to ${url.hostname} in clear`,
      'Use https://, or an ssh tunnel: ssh -L 8888:localhost:8888 HOST, and http://localhost:8888/.',
    );
  return url.href;
}

const REMEDY = 'Write token: {env: NAME} or token: {file: PATH}; the token itself never stands in this file.';

function tokenOf(node: Node, file: string, fault: Fault): Token {
  if (!isMap(node) || node.items.length !== 1) return fault(node, 'token says where the token is: one of env, file', REMEDY);
  only(node, ['env', 'file'], fault);
  if (node.has('env')) return { env: variableName(node, fault, REMEDY) };
  return { file: absolute(textOf(node, 'file', fault), file) };
}
