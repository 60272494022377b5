import * as files from '#files';
import type { S3ConnectionConfig } from './connection-config.ts';

/**
 * Reads a connection's configuration from a YAML file, from under its key `s3`.
 *
 * @param path - the file; default: `s3.yaml` in the current directory
 * @throws {ConfigError} missing or malformed file, unknown key, or a value of the wrong type: names file, line and key
 * @throws {TypeError} this runtime has no files
 * @example
 * const storage = new Storage(new S3Connection(await loadConfig('s3.yaml')));
 */
export async function loadConfig(path: string = 's3.yaml'): Promise<S3ConnectionConfig> {
  return files.loadConfig(path);
}
