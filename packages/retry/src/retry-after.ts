/**
 * The three forms of a date that a recipient has to take: Date.parse alone would read nearly anything. A year of two digits is one
 * from 1950 to 2049, as Date.parse has it.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7}
 */
const HTTP_DATE =
  /^[A-Z][a-z]+(, \d\d([ -])[A-Z][a-z]{2}\2(\d\d){1,2} \d\d:\d\d:\d\d GMT| [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4})$/;

/** Headers of an answer, as Node's `IncomingMessage` has them; names in any case. */
export type ResponseHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * How long the server asks to wait: `x-amz-retry-after`, in milliseconds, or else `Retry-After`, in seconds or
 * as a date.
 *
 * @param headers - the headers of the answer
 * @param now - the time now, in milliseconds since 1970, to compare a date with
 * @returns milliseconds; 0 for a date that has passed; undefined if nothing is asked, or it cannot be read
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3}
 */
export function retryAfterMilliseconds(headers: ResponseHeaders, now: number): number | undefined {
  const amz = header(headers, 'x-amz-retry-after');
  if (amz !== undefined && /^\d+$/.test(amz)) return Number(amz);
  const standard = header(headers, 'retry-after');
  if (standard === undefined) return undefined;
  if (/^\d+$/.test(standard)) return Number(standard) * 1000;
  if (!HTTP_DATE.test(standard)) return undefined;
  // The form without a zone is of UTC as well.
  const date = Date.parse(standard.replace(/\d$/, '$& GMT'));
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function header(headers: ResponseHeaders, name: string): string | undefined {
  for (const [given, value] of Object.entries(headers)) {
    if (given.toLowerCase() === name && value !== undefined) return String(value).trim();
  }
  return undefined;
}
