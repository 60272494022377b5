/** The numbers of Linux, which configuration files name on every system (asm-generic/errno.h and errno-base.h). */
const NUMBERS: ReadonlyMap<string, number> = new Map([
  ['EPIPE', 32],
  ['ENETDOWN', 100],
  ['ENETUNREACH', 101],
  ['ECONNABORTED', 103],
  ['ECONNRESET', 104],
  ['ETIMEDOUT', 110],
  ['ECONNREFUSED', 111],
  ['EHOSTDOWN', 112],
  ['EHOSTUNREACH', 113],
]);

/**
 * The number of a network error, for the status codes of a `Retry`: `ECONNRESET` is 104 on every system.
 *
 * @param networkCode - the `code` of the error
 * @returns undefined for an error that has no number
 */
export function errorNumber(networkCode: string): number | undefined {
  return NUMBERS.get(networkCode);
}
