/** A file, or an object, of a place. */
export interface Entry {
  /** What stands behind the place's path or prefix, its parts separated by `/`. A name that ends in `/` is a folder or its marker. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** When it was last modified, in milliseconds since 1970. */
  readonly modified: number;
  /** An object's ETag, in double quotes. */
  readonly eTag?: string;
  /** An object's storage class, as S3 writes it; empty where it names none. */
  readonly storageClass?: string;
  /** A file's type and permissions, as `stat` gives them. */
  readonly mode?: number;
}

/** Why something of a place cannot be had. */
export type ProblemReason =
  /** A folder or a file that the system does not let us read. */
  | 'unreadable'
  /** A symbolic link that leads nowhere. */
  | 'broken-link'
  /** A symbolic link that leads back to a folder that it lies in. */
  | 'link-loop'
  /** A symbolic link, where links are not followed. */
  | 'link'
  /** A pipe, a socket, a device. */
  | 'special-file';

/** Something of a place that cannot be had. */
export interface Problem {
  readonly name: string;
  readonly problem: ProblemReason;
  /** True where something that should be there is missing; false where it is left out by its kind. */
  readonly serious: boolean;
  readonly error?: Error;
}

/** What a walk or a listing gives. */
export type Item = Entry | Problem;

/** Whether it is a problem, rather than an entry. */
export function isProblem(item: Item): item is Problem {
  return 'problem' in item;
}
