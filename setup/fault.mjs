// What can go wrong while setting up, as one clear line and its remedy; what tools print is searched for the causes that people meet.

/** An error whose message is meant for the user. */
export class Fault extends Error {
  constructor(message, remedy) {
    super(message);
    this.name = 'Fault';
    this.remedy = remedy;
  }
}

/** Causes in the output of npm and pip, the most telling first. */
const CAUSES = [
  [
    /No space left on device|ENOSPC|Errno 28/,
    'the disk is full',
    'Free some space (about 7 GB are needed in all) and run the command again.',
  ],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT|NewConnectionError|Temporary failure in name resolution|Read timed out|ProxyError|Connection(Reset)?Error/,
    'the package index cannot be reached',
    'Check the network (or the proxy and mirror settings of npm and pip) and run the command again; what was fetched is kept.',
  ],
  [
    /EACCES|Permission denied|EROFS|Read-only file system/,
    'a file or folder cannot be written',
    'Make the checkout writable for you and run the command again.',
  ],
  [
    /No module named ['"]?(ensurepip|venv)/,
    'this Python has no venv module',
    'Install it (Debian, Ubuntu: apt install python3-venv) or set TRADEWIND_PYTHON to another Python.',
  ],
  [
    /No matching distribution found for (\S+)/,
    'a pinned package has no build for this machine',
    'Linux on x86-64 or arm64, with Python 3.11 or 3.12, is what MindSpore and PyTorch are built for.',
  ],
  [/Killed|MemoryError|ENOMEM/, 'the machine ran out of memory', 'Close other programs and run the command again.'],
];

/** The fault behind a failed command, from what it printed. */
export function faultOf(what, output, logFile) {
  for (const [pattern, cause, remedy] of CAUSES) {
    const match = pattern.exec(output);
    if (match) return new Fault(`${what}: ${cause}${match[1] ? ` (${match[1]})` : ''}`, `${remedy} Full output: ${logFile}`);
  }
  const last = output.trim().split('\n').filter(Boolean).slice(-3).join(' | ');
  return new Fault(`${what} failed: ${last || 'no output'}`, `Full output: ${logFile}`);
}
