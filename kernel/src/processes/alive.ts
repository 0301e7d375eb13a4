/** Whether a process of this machine lives. */
import { readFileSync } from 'node:fs';

/** Flag of a process that is being taken down (`PF_EXITING` of Linux's `include/linux/sched.h`). */
const EXITING = 0x4;
/** SIGKILL's bit in the mask of signals that wait for a process; it stays there to the end. */
const KILL = 0x100n;

/**
 * Is this very process alive? One that has been killed is not, though the system names it until its memory is given back and its parent has
 * waited for it. Where the system has no /proc only the pid is asked for.
 *
 * @param processStart when it began, in clock ticks since the machine did: a later process with the same pid is another one
 */
export function isAlive(pid: number, processStart?: number): boolean {
  const [stat, status] = [proc(pid, 'stat'), proc(pid, 'status')];
  if (stat === undefined || status === undefined) return exists(pid);
  // proc_pid_stat(5) from the third field on, as the second, the program's name, may hold anything: 3 state, 9 flags, 22 start time.
  const fields = stat.replace(/^.*\)\s/s, '').split(' ');
  const pending = /^ShdPnd:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0';
  if (fields[0] === 'Z' || Number(fields[6]) & EXITING || BigInt(`0x${pending}`) & KILL) return false;
  return processStart === undefined || Number(fields[19]) === processStart;
}

function proc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
