/** The sampler of a kernel (or of one call of a shell): all who watch share it, and so does the hour that it keeps. */
import { createMonitor, type Monitor } from '../chips/index.ts';
import type { CommContext } from './comm.ts';
import type { CommandContext } from './command.ts';

/** A kernel's commands and comms are all given the one object that is its environment. */
const monitors = new WeakMap<NodeJS.ProcessEnv, Monitor>();

export function monitorOf({ environment, session }: Pick<CommandContext | CommContext, 'environment' | 'session'>): Monitor {
  let monitor = monitors.get(environment);
  if (!monitor) {
    monitor = createMonitor(environment, session?.meters);
    monitors.set(environment, monitor);
  }
  return monitor;
}
