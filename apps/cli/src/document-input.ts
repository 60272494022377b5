import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { standardInput } from './standard-input.ts';

/** A document that a command is given: of a file, or of standard input for `-`. */
export function documentOf(file: string): Promise<string> {
  return file === '-' ? text(standardInput()) : readFile(file, 'utf8');
}
