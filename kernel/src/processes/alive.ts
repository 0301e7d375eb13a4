/** Whether a process of this machine lives. */
import { readFileSync } from 'node:fs';

/** Is this very process alive? Where the system has no /proc only the pid is asked for. */
export function isAlive(pid: number, processStart?: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\)\s/s, '')
      .split(' ');
    // A zombie has ended; field 22 of proc_pid_stat is the start time.
    return fields[0] !== 'Z' && (processStart === undefined || Number(fields[19]) === processStart);
  } catch {
    return true;
  }
}
