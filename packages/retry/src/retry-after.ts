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
  // Only the form that RFC 9110 §5.6.7 lets a sender use: Date.parse alone would read nearly anything.
  if (!/^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/.test(standard)) return undefined;
  const date = Date.parse(standard);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function header(headers: ResponseHeaders, name: string): string | undefined {
  for (const [given, value] of Object.entries(headers)) {
    if (given.toLowerCase() === name && value !== undefined) return String(value).trim();
  }
  return undefined;
}
