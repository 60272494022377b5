import { INVALID_ARGUMENT } from './errors.ts';

const configErrorBrand: unique symbol = Symbol.for('s3kit.ConfigError') as never;

/** Where in a configuration a fault is. */
export interface ConfigErrorPlace {
  /** The file, as the caller named it. */
  readonly file?: string | undefined;
  /** The line, from 1. */
  readonly line?: number | undefined;
  /** The key at fault, such as `retry.limit`. */
  readonly key?: string | undefined;
}

/** A configuration that is missing, malformed, or holds what it may not. A `TypeError` that says where. */
export class ConfigError extends TypeError implements ConfigErrorPlace {
  override readonly name: string = 'ConfigError';
  readonly code: string = INVALID_ARGUMENT;
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly key: string | undefined;

  constructor(problem: string, place: ConfigErrorPlace = {}, cause?: unknown) {
    const where = [place.file, place.line].filter((part) => part !== undefined).join(':');
    super(where === '' ? problem : `${where}: ${problem}`, cause === undefined ? undefined : { cause });
    this.file = place.file;
    this.line = place.line;
    this.key = place.key;
    Object.defineProperty(this, configErrorBrand, { value: true });
  }
}

/** True for a `ConfigError` of any copy of this package. */
export function isConfigError(value: unknown): value is ConfigError {
  return value instanceof Error && configErrorBrand in value;
}
