/**
 * Connections to an engine's host on its node, one after another: through `ssh` with the user's own configuration, or straight where the
 * node is this machine. A lost one is opened again with back-off; what was said meanwhile, the link brings.
 */
import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { tethered } from '../processes/tethered.ts';
import type { Link } from './link.ts';
import { createOutage } from './outage.ts';
import { readLines, socketFolder } from './process.ts';

export interface TunnelEvents {
  /** The connection is lost: the reason, and the seconds until the next try. */
  lost(reason: string, seconds: number): void;
  back(seconds: number): void;
  /** The node was never reached. */
  unreachable(reason: string): void;
}

export interface Tunnel {
  close(): void;
}

/** A node that was reached once is tried for ever; one that was not, so often. */
const FIRST_TRIES = 4;
const OPEN_PATIENCE = 60_000;

/** No questions (nobody could answer), a dead line is noticed within 45 s, and a forwarding that fails ends it. All else is the user's configuration. */
const SSH = ['-N', '-T', '-o', 'BatchMode=yes', '-o', 'ExitOnForwardFailure=yes', '-o', 'ServerAliveInterval=15'];

const NODE = /^[A-Za-z0-9][\w.-]*$/;

let opened = 0;

export function openTunnel(node: string, path: string, link: Link, events: TunnelEvents, environment: NodeJS.ProcessEnv): Tunnel {
  let closed = false;
  let reached = false;
  let tries = 0;
  const outage = createOutage();
  /** Ends the present attempt. */
  let drop = () => {};

  function attempt(): void {
    if (closed) return;
    if (!NODE.test(node)) {
      events.unreachable(`${node} is no name of a node`);
      return;
    }
    let over = false;
    const attemptEnds: (() => void)[] = [];
    const end = (reason: string) => {
      if (over) return;
      over = true;
      for (const one of attemptEnds) one();
      link.lost();
      if (closed) return;
      if (!reached && ++tries >= FIRST_TRIES) {
        events.unreachable(reason);
        return;
      }
      outage.begin();
      const seconds = outage.retry(attempt);
      if (reached) events.lost(reason, seconds);
    };
    drop = () => end('it was closed');

    const dial = (local: string) => {
      const socket = connect(local);
      let greeted = false;
      attemptEnds.push(() => socket.destroy());
      socket.on('connect', () => link.opened((chunk) => socket.write(chunk)));
      socket.on('data', (chunk: Buffer) => {
        // The host's greeting: ssh takes a connection before it knows whether there is anything behind it.
        if (!greeted) {
          greeted = true;
          const seconds = outage.over();
          if (reached && seconds !== undefined) events.back(seconds);
          reached = true;
        }
        link.took(chunk);
      });
      socket.on('error', (error) => end(error.message));
      socket.on('close', () => end('the connection was closed'));
    };

    if (node === hostname() && existsSync(path)) {
      dial(path);
      return;
    }
    const local = join(socketFolder(), `t${++opened}`);
    const [program, ...words] = tethered(['ssh', ...SSH, '-L', `${local}:${path}`, '--', node]);
    const ssh = spawn(program, words, {
      env: environment,
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const told: string[] = [];
    readLines(ssh.stderr, (line) => told.push(line));
    attemptEnds.push(() => {
      ssh.kill();
      rmSync(local, { force: true });
    });
    ssh.on('error', (error) => end(`ssh could not be started: ${error.message}`));
    ssh.on('close', (code) => end(told.findLast((line) => line.trim() !== '')?.trim() ?? `ssh ended with exit code ${code}`));
    const begun = Date.now();
    const look = setInterval(() => {
      if (existsSync(local)) {
        clearInterval(look);
        dial(local);
      } else if (Date.now() - begun > OPEN_PATIENCE) end('ssh did not connect in time');
    }, 50);
    attemptEnds.push(() => clearInterval(look));
  }

  attempt();
  return {
    close() {
      closed = true;
      outage.stop();
      drop();
    },
  };
}
