const brand: unique symbol = Symbol.for('s3kit.CredentialsError') as never;

/** Where the fault is, as far as it has a place. */
export interface CredentialsErrorPlace {
  /** The configuration file. */
  readonly file?: string | undefined;
  /** The line in it, from 1. */
  readonly line?: number | undefined;
  /** The profile. */
  readonly profile?: string | undefined;
}

/**
 * Credentials or settings that cannot be had: nothing is configured, what is configured is malformed, or its source
 * refused. The message says what to do; no message holds a secret.
 */
export class CredentialsError extends Error implements CredentialsErrorPlace {
  override readonly name: string = 'CredentialsError';
  /** Always the same, to switch on. */
  readonly code: string = 'ERR_S3KIT_CREDENTIALS';
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly profile: string | undefined;

  constructor(problem: string, place: CredentialsErrorPlace = {}, cause?: unknown) {
    const where = [place.file, place.line].filter((part) => part !== undefined).join(':');
    super(where === '' ? problem : `${where}: ${problem}`, cause === undefined ? undefined : { cause });
    this.file = place.file;
    this.line = place.line;
    this.profile = place.profile;
    Object.defineProperty(this, brand, { value: true });
  }
}

/** True for a `CredentialsError` of any copy of this package (ESM and CommonJS have one each, so `instanceof` can fail). */
export function isCredentialsError(value: unknown): value is CredentialsError {
  return value instanceof Error && brand in value;
}
