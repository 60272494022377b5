import { readFile } from 'node:fs/promises';
import type * as Yaml from 'yaml';
import { ConfigError } from '../config-error.ts';
import { fileFields, readConnectionFields } from '../config-fields.ts';
import { type S3ConnectionConfig, toConnectionConfig } from '../connection-config.ts';
import { errorCode } from '../errors.ts';

/** Reads a connection's configuration from a YAML file: see `loadConfig` of the package. */
export async function loadConfig(path: string): Promise<S3ConnectionConfig> {
  const text = await readText(path);
  // Loaded here, so that an application that configures itself another way does not pay for it.
  return parseConfig(await import('yaml'), text, path);
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const problem =
      errorCode(error) === 'ENOENT'
        ? 'there is no such configuration file'
        : `the configuration file cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    throw new ConfigError(problem, { file: path }, error);
  }
}

function parseConfig(yaml: typeof Yaml, text: string, file: string): S3ConnectionConfig {
  const lines = new yaml.LineCounter();
  const document = yaml.parseDocument(text, { lineCounter: lines });
  const [fault] = document.errors;
  if (fault !== undefined) {
    // Only the kind of fault: the library's own message quotes the line, which may hold the secret key.
    const kind = fault.code.toLowerCase().replaceAll('_', ' ');
    throw new ConfigError(`this is not valid YAML (${kind})`, {
      file,
      line: lines.linePos(fault.pos[0]).line,
    });
  }
  let content: unknown;
  try {
    content = document.toJS({ maxAliasCount: 10 });
  } catch (error) {
    throw new ConfigError('the aliases in this file cannot be resolved', { file }, error);
  }
  if (typeof content !== 'object' || content === null || !('s3' in content)) {
    throw new ConfigError('the key s3, which holds the connection, is missing at the top of the file', {
      file,
      line: 1,
      key: 's3',
    });
  }
  const result = readConnectionFields(content.s3, fileFields, ['s3']);
  if ('fields' in result) return toConnectionConfig(result.fields);
  const offset = offsetOf(yaml, document, result.path);
  const key = result.path.join('.');
  throw new ConfigError(`${key} ${result.problem}`, {
    file,
    key,
    line: offset === undefined ? undefined : lines.linePos(offset).line,
  });
}

/** Where a key stands in the text; for a key that is missing, where the one above it stands. */
function offsetOf(yaml: typeof Yaml, document: Yaml.Document, path: readonly string[]): number | undefined {
  let node: unknown = document.contents;
  let offset: number | undefined;
  for (const name of path) {
    if (!yaml.isMap(node)) break;
    const pair = node.items.find(({ key }) => yaml.isScalar(key) && String(key.value) === name);
    if (pair === undefined || !yaml.isScalar(pair.key)) break;
    offset = pair.key.range?.[0] ?? offset;
    node = pair.value;
  }
  return offset;
}
