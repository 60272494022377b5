import type { Entry } from './entry.ts';

// https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file
const reservedOnWindows =
  /^(?:con|prn|aux|nul|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3])(?:\.|$)/i;
const forbiddenOnWindows = /[<>:"|?*\\\p{Cc}]/u;

// ext4, XFS, APFS and NTFS: 255 bytes, or more.
const maximumPartLength = 255;

// What is written until it is whole; journals of transfers, and those of the command line; and what keeps others from a journal.
const ownFile =
  /^\..+\.(?:(?:[0-9a-f]{12}|[0-9a-f]{16})\.s3kit|[0-9a-f]{16}\.s3kit-(?:upload|download|sync))$|\.s3kit-lock$/s;

/**
 * Whether a name is that of a file that s3kit itself writes: what a run that was killed has left behind, or what is under way. Between a
 * folder and a bucket, such a name is no file on either side.
 */
export function isOwnFile(name: string): boolean {
  return name.includes('.s3kit') && ownFile.test(name.slice(name.lastIndexOf('/') + 1));
}

/** The same of an entry, whose name is that of a folder only where it has no content. */
export function nameProblemOf(
  { name, size }: Pick<Entry, 'name' | 'size'>,
  platform: string,
): string | undefined {
  if (size > 0 && (name === '' || name.endsWith('/')))
    return 'its name is that of a folder, but it has content';
  return localNameProblem(name, platform);
}

/** Why a file is not sent by its name; undefined where it is. */
export function sentNameProblem(name: string): string | undefined {
  return strayNameProblem(name) ?? ownNameProblem(name);
}

function ownNameProblem(name: string): string | undefined {
  return isOwnFile(name) ? "it has the name of one of s3kit's own files, which are left out" : undefined;
}

/** Why a name leads elsewhere than to a file of that name below its folder; undefined where it does not. */
export function strayNameProblem(name: string, platform: string = process.platform): string | undefined {
  for (const part of partsOf(name)) {
    const problem = strayPartProblem(part, platform);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function partsOf(name: string): readonly string[] {
  return (name.endsWith('/') ? name.slice(0, -1) : name).split('/');
}

function strayPartProblem(part: string, platform: string): string | undefined {
  if (part === '') return 'part of its name is empty';
  if (part === '.' || part === '..') return `part of its name is ${JSON.stringify(part)}, which is no name`;
  if (part.includes('\0')) return 'its name holds a NUL';
  if (platform !== 'win32') return undefined;
  if (forbiddenOnWindows.test(part)) return 'its name holds a character that Windows allows in no name';
  if (reservedOnWindows.test(part)) return 'Windows keeps its name for a device';
  if (/[. ]$/.test(part)) return 'part of its name ends in a period or a space, which Windows drops';
  return undefined;
}

/**
 * Why no file can have a name on this machine; undefined where one can.
 *
 * @param platform - as in `process.platform`
 */
function localNameProblem(name: string, platform: string): string | undefined {
  const problem = strayNameProblem(name, platform) ?? ownNameProblem(name);
  if (problem !== undefined) return problem;
  // No character has more than three bytes for a unit.
  const isTooLong = partsOf(name).some(
    (part) => part.length * 3 > maximumPartLength && Buffer.byteLength(part) > maximumPartLength,
  );
  return isTooLong ? `part of its name is longer than ${maximumPartLength} bytes` : undefined;
}

/**
 * Finds names that differ only in their case.
 *
 * Names come in order, where a capital comes before its small letter: of the names of ASCII, only those with capitals have to be
 * remembered. Where a service has many millions of those, they are held in memory.
 */
export class CaseClashes {
  readonly #names: Map<string, string> = new Map();

  /** The name before that differs from this one in its case only. */
  clashOf(name: string): string | undefined {
    const folded = name.normalize('NFC').toLowerCase();
    const before = this.#names.get(folded);
    if (before !== undefined && before !== name) return before;
    if (folded !== name) this.#names.set(folded, name);
    return undefined;
  }
}
