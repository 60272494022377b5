import type { Metadata, RequestHeaders } from '@s3kit/core';
import type { Entry } from './entry.ts';

/** What of a file an object's metadata can keep. */
export interface Preserved {
  /** Milliseconds since 1970. */
  readonly modified?: number;
  /** Permissions, without the file's type, and without set-user-ID and set-group-ID, which make sense only with the owner. */
  readonly permissions?: number;
}

const fileTypeMask = 0o170000;
// Without set-user-ID and set-group-ID, as `cp -p` has it where the owner is another: who writes an object's metadata is not to have
// programs that run as whoever downloads them.
const permissionMask = 0o1777;

/**
 * The metadata that keeps a file's time and permissions, as rclone writes it: seconds with a fraction, and the mode in octal.
 *
 * @see {@link https://rclone.org/s3/#metadata}
 */
export function preservingHeaders({ modified, mode }: Pick<Entry, 'modified' | 'mode'>): RequestHeaders {
  return {
    'x-amz-meta-mtime': String(modified / 1000),
    ...(mode === undefined ? {} : { 'x-amz-meta-mode': mode.toString(8) }),
  };
}

/**
 * What an object's metadata tells of the file that it was: as s3kit and rclone write it (`mtime`, `mode` in octal), s3fs (`mode` in decimal),
 * s3cmd (`s3cmd-attrs`) and the MinIO client (`mc-attrs`). What cannot be read is left out.
 */
export function readPreserved(metadata: Metadata): Preserved {
  const attributes = {
    ...attributesIn(metadata['x-amz-meta-mc-attrs']),
    ...attributesIn(metadata['x-amz-meta-s3cmd-attrs']),
  };
  const modified = millisecondsIn(metadata['x-amz-meta-mtime'] ?? attributes['mtime']);
  const permissions =
    metadata['x-amz-meta-mode'] === undefined
      ? permissionsIn(attributes['mode'], 10)
      : permissionsIn(metadata['x-amz-meta-mode'], 8);
  return {
    ...(modified === undefined ? {} : { modified }),
    ...(permissions === undefined ? {} : { permissions }),
  };
}

/** `name:value/name:value` */
function attributesIn(text: string | undefined): Readonly<Record<string, string>> {
  if (text === undefined) return {};
  return Object.fromEntries(text.split('/').map((pair) => pair.split(/:(.*)/s).slice(0, 2)));
}

/**
 * Milliseconds since 1970, from seconds with a fraction behind a period, or, as the MinIO client writes it, with nanoseconds behind a `#`.
 * Cut digit by digit: a number of seconds would be rounded, and a file is not to be newer than it was.
 */
function millisecondsIn(text: string = ''): number | undefined {
  const [, minus, seconds, fraction = '', nanoseconds = '0'] =
    /^(-?)(\d{1,12})(?:\.(\d+))?(?:#(\d+))?$/.exec(text) ?? [];
  if (seconds === undefined) return undefined;
  const cut = Number(seconds) * 1000 + Number(fraction.slice(0, 3).padEnd(3, '0'));
  const isBefore = minus === '-' && /[1-9]/.test(fraction.slice(3));
  return (minus === '-' ? -cut : cut) - Number(isBefore) + Math.floor(Number(nanoseconds) / 1e6);
}

/** A mode, with or without the type of a file; one that makes sense in octal only is octal, whoever wrote it. */
function permissionsIn(text: string = '', base: 8 | 10): number | undefined {
  if (!/^0?o?\d{1,6}$/.test(text)) return undefined;
  const digits = text.replace(/^0?o?/, '');
  const octal = /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : undefined;
  const decimal = Number(digits);
  const candidates = base === 8 ? [octal, decimal] : [decimal, octal];
  const mode =
    candidates.find((one) => one !== undefined && isFileMode(one)) ?? (base === 8 ? octal : decimal);
  return mode === undefined || mode > 0o177777 ? undefined : mode & permissionMask;
}

function isFileMode(mode: number): boolean {
  return mode <= 0o177777 && (mode & fileTypeMask) === 0o100000;
}
