/** The files of SOURCE, whatever lies there: each is read by Python's rules, or left as it is with a line that says why and what to do. */
import { lstatSync, readdirSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** A file that was left as it is. */
export interface Skipped {
  file: string;
  reason: string;
  /** May it hold PyTorch code, so that something is left to do? */
  left?: boolean;
}

const LARGEST = 4_000_000;
const LEFT_OUT = new Set(['__pycache__', 'node_modules', '.git', '.venv', '.ipynb_checkpoints']);

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? String(error);

/** Every file below a folder, without following links; what can't be read goes to `skipped`. */
export function walk(root: string, skipped: Skipped[]): string[] {
  const found: string[] = [];
  const look = (folder: string) => {
    let names: string[];
    try {
      names = readdirSync(folder).sort();
    } catch (error) {
      const file = relative(root, folder) || '.';
      skipped.push({ file, reason: `the folder cannot be read (${codeOf(error)}); give yourself the right to read it`, left: true });
      return;
    }
    for (const name of names) {
      if (LEFT_OUT.has(name)) continue;
      const path = join(folder, name);
      let stat: Stats;
      try {
        stat = lstatSync(path);
      } catch (error) {
        const odd = name.includes('\ufffd');
        const reason = odd ? 'its name is not UTF-8; rename it' : `cannot be read (${codeOf(error)}); give yourself the right to read it`;
        skipped.push({ file: relative(root, path), reason, left: name.endsWith('.py') });
        continue;
      }
      if (stat.isDirectory()) look(path);
      else if (stat.isFile()) found.push(path);
      else skipped.push({ file: relative(root, path), ...notAFile(path, stat, root) });
    }
  };
  look(root);
  return found;
}

function notAFile(path: string, stat: Stats, root: string): Omit<Skipped, 'file'> {
  if (!stat.isSymbolicLink()) return { reason: 'it is a pipe, a socket or a device, and is not copied' };
  let target: string;
  try {
    target = realpathSync(path);
  } catch (error) {
    const why = codeOf(error) === 'ELOOP' ? 'it leads in a circle' : 'it leads nowhere';
    return { reason: `a symbolic link is not followed: ${why}` };
  }
  const inside = !relative(realpathSync(root), target).startsWith('..');
  return {
    reason: `a symbolic link is not followed; ${inside ? 'make it again in OUT if it is needed' : 'put the real file here to have it migrated'}`,
    left: !inside && (target.endsWith('.py') || statSync(target).isDirectory()),
  };
}

/** Encodings whose first 128 characters are ASCII's: a file that has no others is read all the same. */
const LIKE_ASCII =
  /^(latin|l1|iso[-_]?8859|iso[-_]latin|8859|cp?125|windows-|cp(437|850|866|932|936|949|950)$|koi8|mac|euc|gb|big5|tis-620)/;
const UTF_8 = /^(utf[-_]?8([-_].*)?|u8|us[-_]ascii|ascii|646)$/;

/** The text of a Python file by its declared encoding (PEP 263), or the reason why it is left as it is. */
export function readSource(path: string): { source: string } | Omit<Skipped, 'file'> {
  let bytes: Buffer;
  try {
    if (statSync(path).size > LARGEST) return { reason: `larger than ${LARGEST / 1e6} MB; split it to have it migrated`, left: true };
    bytes = readFileSync(path);
  } catch (error) {
    return { reason: `cannot be read (${codeOf(error)}); give yourself the right to read it`, left: true };
  }
  const reason = unreadable(bytes);
  if (reason === undefined) {
    try {
      return { source: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
    } catch {
      return { reason: 'it is not UTF-8; save it as UTF-8 to have it migrated', left: namesTorch(bytes) };
    }
  }
  return { reason, left: namesTorch(bytes) };
}

function unreadable(bytes: Buffer): string | undefined {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))
    return 'it is UTF-16, which Python does not read; save it as UTF-8 to have it migrated';
  const declared = declaredEncoding(bytes);
  if (declared !== undefined && !UTF_8.test(declared) && !(LIKE_ASCII.test(declared) && bytes.every((byte) => byte < 128)))
    return `its encoding is ${declared}; save it as UTF-8 to have it migrated`;
  if (bytes.includes(0)) return 'it has zero bytes, so it is no Python text';
  return undefined;
}

/** In the first line, or in the second where the first is a comment or empty. */
function declaredEncoding(bytes: Buffer): string | undefined {
  const [first = '', second = ''] = bytes
    .subarray(0, 400)
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
    .split(/\r\n|\r|\n/, 2);
  const lines = /^[ \t\f]*(#|$)/.test(first) ? [first, second] : [first];
  for (const line of lines) {
    const found = /^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)/.exec(line)?.[1];
    if (found) return found.toLowerCase();
  }
  return undefined;
}

/** May it be PyTorch code? Asked of bytes in whatever encoding. */
export function namesTorch(content: Buffer | string): boolean {
  if (typeof content === 'string') return content.includes('torch');
  return content.includes('torch') || content.includes('torch', 0, 'utf16le') || content.includes('\0t\0o\0r\0c\0h', 0, 'latin1');
}
