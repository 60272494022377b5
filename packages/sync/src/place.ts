import type { Storage } from '@s3kit/core';

/** A folder of this machine. */
export interface LocalPlace {
  readonly kind: 'local';
  readonly path: string;
  readonly followSymlinks: boolean;
}

/** The objects of a bucket whose keys begin with a prefix. */
export interface RemotePlace {
  readonly kind: 'remote';
  readonly storage: Storage;
  readonly bucket: string;
  /** Stands before each name; empty for the whole bucket. */
  readonly prefix: string;
  readonly listConcurrency: number;
}

/** Where many files are. */
export type Place = LocalPlace | RemotePlace;

/** What `local` takes. */
export interface LocalOptions {
  /**
   * Whether symbolic links stand for what they lead to. Those that are not followed are left out: neither sent, nor a reason to
   * delete what has their name.
   *
   * @default true
   */
  readonly followSymlinks?: boolean | undefined;
}

/** What `remote` takes. */
export interface RemoteOptions {
  /**
   * Takes the prefix as it is. Without that, it is a folder's: a slash is added, so that `logs` does not also mean `logs-old/`.
   *
   * @default false
   */
  readonly exact?: boolean | undefined;
  /** Pages of a large listing that are asked for at a time. @default 8 */
  readonly listConcurrency?: number | undefined;
}

/**
 * A folder of this machine.
 *
 * @throws {TypeError} the path is empty
 */
export function local(path: string, { followSymlinks = true }: LocalOptions = {}): LocalPlace {
  if (typeof path !== 'string' || path === '') throw new TypeError('the path of a local place is not empty');
  return { kind: 'local', path, followSymlinks };
}

/**
 * Objects of a bucket.
 *
 * @param prefix - what their keys begin with: the folder that they are in
 * @throws {RangeError} `listConcurrency` is not 1 or more
 */
export function remote(
  storage: Storage,
  bucket: string,
  prefix: string = '',
  { exact = false, listConcurrency = 8 }: RemoteOptions = {},
): RemotePlace {
  checkCount('listConcurrency', listConcurrency);
  const isFolder = exact || prefix === '' || prefix.endsWith('/');
  return { kind: 'remote', storage, bucket, prefix: isFolder ? prefix : `${prefix}/`, listConcurrency };
}

/** @throws {RangeError} not a whole number of 1 or more */
export function checkCount(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new RangeError(`${name} is a whole number, 1 or more, not ${value}`);
}
