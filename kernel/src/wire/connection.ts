/** Connection files: where a kernel's five sockets are, and the key that signs its messages. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { TradewindError } from '../records/errors.ts';

export const CHANNELS = ['shell', 'iopub', 'stdin', 'control', 'hb'] as const;
export type ChannelName = (typeof CHANNELS)[number];

export interface ConnectionInfo {
  transport: 'tcp' | 'ipc';
  /** The address; for ipc the prefix of the sockets' paths. */
  ip: string;
  shell_port: number;
  iopub_port: number;
  stdin_port: number;
  control_port: number;
  hb_port: number;
  key: string;
  signature_scheme: string;
  kernel_name?: string;
  /** CurveZMQ keys (Z85), when the client encrypts. */
  curve_publickey?: string;
  curve_secretkey?: string;
}

/** Reads and checks a connection file. */
export function readConnection(file: string): ConnectionInfo {
  const fail = (message: string): never => {
    throw new TradewindError({
      code: 'input',
      where: file,
      message,
      remedy: 'Jupyter writes this file; start the kernel through Jupyter.',
    });
  };
  let info: Partial<ConnectionInfo>;
  try {
    info = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    return fail(`the connection file cannot be read: ${(error as Error).message}`);
  }
  if (info.transport !== 'tcp' && info.transport !== 'ipc') return fail(`unknown transport: ${info.transport}`);
  if (typeof info.ip !== 'string' || info.ip === '') return fail('no ip');
  for (const channel of CHANNELS) {
    if (!Number.isInteger(info[`${channel}_port`])) return fail(`no ${channel}_port`);
  }
  return { ...(info as ConnectionInfo), key: info.key ?? '', signature_scheme: info.signature_scheme || 'hmac-sha256' };
}

/** Writes a connection file that only its owner may read; it is there whole or not at all. */
export function writeConnection(file: string, info: ConnectionInfo): void {
  writeFileSync(`${file}.part`, JSON.stringify(info), { mode: 0o600 });
  renameSync(`${file}.part`, file);
}

/** The address of a channel: `tcp://127.0.0.1:5000`, `ipc:///tmp/kernel-1`. */
export function endpoint(info: ConnectionInfo, channel: ChannelName): string {
  const port = info[`${channel}_port`];
  return info.transport === 'tcp' ? `tcp://${info.ip}:${port}` : `ipc://${info.ip}-${port}`;
}
