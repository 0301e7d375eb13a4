/**
 * A user's server behind a JupyterHub: found through the hub's API, started when it does not run, and waited for with the spawner's own words.
 *
 * The token is a hub's token of the user's (hub: Token; scopes `self`, or `servers!user`, `read:servers!user` and `access:servers!user`).
 */
import type { HubPlace, ServerPlace } from '../chips/places.ts';
import { TradewindError } from '../records/errors.ts';
import { createRest, isMissing, type Rest, Unreachable } from './rest.ts';

/** What the hub says of a server (its API, schema Server). */
interface ServerModel {
  name: string;
  ready: boolean;
  pending: string | null;
  url: string;
}

interface UserModel {
  name: string;
  servers?: Record<string, ServerModel>;
}

/** A line of the hub's progress stream. */
interface SpawnEvent {
  progress?: number;
  message?: string;
  ready?: boolean;
  failed?: boolean;
}

/** A hub gives spawners a minute; images that are pulled first take longer. */
const START_PATIENCE = 600_000;
const LOOK_AGAIN = 1000;

/** The user's server, running. `tell` hears what it waits for. Throws a TradewindError when it can't be started, Unreachable when the hub can't be reached. */
export async function startUserServer(
  place: HubPlace,
  environment: NodeJS.ProcessEnv,
  tell: (what: string) => void,
  signal: AbortSignal,
): Promise<ServerPlace> {
  const rest = createRest(place.hub, place.token, environment);
  const end = AbortSignal.any([signal, AbortSignal.timeout(START_PATIENCE)]);
  const user = await findUser(rest, place, end);
  const path = `hub/api/users/${encodeURIComponent(user.name)}/server${place.server ? `s/${encodeURIComponent(place.server)}` : ''}`;
  const name = `${place.server ? `the server ${place.server}` : 'the server'} of ${user.name}`;
  let model = user.servers?.[place.server];
  if (!model?.ready) {
    // One that is being stopped has to be gone before it is started again.
    while (model?.pending === 'stop') {
      tell(`${name} is being stopped`);
      await pause(end);
      model = (await findUser(rest, place, end)).servers?.[place.server];
    }
    if (!model?.pending) {
      tell(`starting ${name}`);
      const answer = await rest.call('POST', path, { patience: START_PATIENCE, signal: end });
      if (isMissing(answer)) throw refused(rest, `has no user ${user.name}, or the token may not start servers`);
    }
    for (;;) {
      await followSpawn(rest, `${path}/progress`, name, tell, end);
      model = (await findUser(rest, place, end)).servers?.[place.server];
      if (model?.ready) break;
      if (!model) throw refused(rest, `did not start ${name}; the hub's log may say why`);
      await pause(end);
    }
  }
  return { url: new URL(model.url, rest.base).href, kernelspec: place.kernelspec, token: place.token };
}

async function findUser(rest: Rest, place: HubPlace, signal: AbortSignal): Promise<UserModel> {
  const path = place.user === undefined ? 'hub/api/user' : `hub/api/users/${encodeURIComponent(place.user)}`;
  const answer = await rest.call('GET', path, { signal });
  if (isMissing(answer)) throw refused(rest, place.user === undefined ? 'is no JupyterHub' : `has no user ${place.user}`);
  const model = (await answer.json()) as UserModel;
  if (model.servers) return model;
  throw refused(
    rest,
    'does not tell this token of its servers',
    'Give the token the scopes read:servers!user, servers!user and access:servers!user.',
  );
}

/** Tells what the spawner tells, until it is done with. Where the stream is cut, the caller looks for itself. */
async function followSpawn(rest: Rest, path: string, name: string, tell: (what: string) => void, signal: AbortSignal): Promise<void> {
  const answer = await rest.call('GET', path, { patience: START_PATIENCE, signal });
  if (isMissing(answer) || !answer.body) return;
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) {
      if (!line.startsWith('data:')) continue;
      const event = JSON.parse(line.slice(5)) as SpawnEvent;
      if (event.failed) throw refused(rest, `could not start ${name}: ${event.message ?? 'no reason is told'}`);
      if (event.message) tell(`${name}: ${event.message}${event.progress === undefined ? '' : ` (${event.progress} %)`}`);
      if (event.ready) return;
    }
  }
}

function refused(rest: Rest, what: string, remedy = 'Check hub, user, server and token in engines.yaml.'): TradewindError {
  return new TradewindError({ code: 'refused', message: `${rest.base} ${what}`, remedy });
}

function pause(signal: AbortSignal): Promise<void> {
  if (signal.aborted) throw new Unreachable('the server did not start in time');
  return new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN));
}
