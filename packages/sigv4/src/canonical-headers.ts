/** The headers' part of a canonical request. */
export interface CanonicalHeaders {
  /** A `name:value` line for each header, each with its line feed. */
  canonical: string;
  /** The names, joined by semicolons. */
  signedHeaders: string;
}

/** A header: its name in lower case, and its value. */
export type HeaderEntry = readonly [name: string, value: string];

/**
 * The canonical headers of a request, and the list of their names.
 *
 * @param headers - names in lower case, each once; in any order
 * @see {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html}
 */
export function canonicalHeaders(headers: Iterable<HeaderEntry>): CanonicalHeaders {
  const values = Object.fromEntries(headers);
  return canonicalHeadersOf(Object.keys(values), values);
}

/** The same for some headers of a record; sorts the names in place. */
export function canonicalHeadersOf(
  names: string[],
  values: Readonly<Record<string, string | undefined>>,
): CanonicalHeaders {
  // biome-ignore lint/suspicious/useArraySortCompare: the default is by code unit, which is meant here, and twice as fast
  names.sort();
  let canonical = '';
  let signedHeaders = '';
  for (const name of names) {
    canonical += `${name}:${canonicalHeaderValue(values[name] ?? '')}\n`;
    signedHeaders += signedHeaders === '' ? name : `;${name}`;
  }
  return { canonical, signedHeaders };
}

/** A header's value without white space at its ends, and with inner runs of it as one space. */
export function canonicalHeaderValue(value: string): string {
  // Twice as fast as a pattern, and nearly every value ends here.
  if (!value.includes(' ') && !value.includes('\t')) return value;
  const collapsed = value.replace(/[ \t]+/g, ' ');
  // Not trim(): it would also take U+00A0, which is a byte of the value on the wire.
  return collapsed.slice(collapsed.startsWith(' ') ? 1 : 0, collapsed.endsWith(' ') ? -1 : undefined);
}

/** Whether a text, in lower case or not, is the name of a header (RFC 9110 §5.6.2, token). */
export function isHeaderName(text: string): boolean {
  return /^[\w!#$%&'*+\-.^`|~]+$/.test(text);
}
