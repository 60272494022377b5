import { invalidArgument } from './errors.ts';

/**
 * A text as the value of a header, which must not be able to hold a line break; what a client wrote comes back as its bytes.
 *
 * @param argument - where the client wrote it
 * @throws {S3Error} `InvalidArgument`
 */
export function headerValue(argument: string, value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused here
  if (/[\x00-\x08\x0a-\x1f\x7f]/.test(value)) {
    throw invalidArgument(`${argument} must not hold control characters`, argument, value);
  }
  return Buffer.from(value).toString('latin1');
}
