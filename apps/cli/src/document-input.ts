import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';

/** A document that a command is given: of a file, or of standard input for `-`. */
export function documentOf(file: string): Promise<string> {
  return file === '-' ? text(process.stdin) : readFile(file, 'utf8');
}
