/**
 * Headers of an answer, in the form in which they can be sent: S3 takes ASCII only. What came as bytes of UTF-8, or of Latin-1, becomes what S3
 * makes of it itself: an encoded word of RFC 2047, which it decodes before it stores it. The name of a file in a Content-Disposition becomes what
 * browsers read: `filename*`.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html} and {@link https://www.rfc-editor.org/rfc/rfc6266}
 */
export function asciiHeaders<Value extends string | undefined>(
  headers: Readonly<Record<string, Value>>,
): Record<string, Value | string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      value === undefined || isAscii(value) ? value : asciiValue(name, textOf(value)),
    ]),
  );
}

function isAscii(text: string): boolean {
  return /^[\t\x20-\x7e]*$/.test(text);
}

/** What the bytes of a header mean: HTTP libraries hand on each of them as one character. */
function textOf(value: string): string {
  if (/[^\0-\u00ff]/.test(value)) return value;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(value, 'latin1'));
  } catch {
    return value;
  }
}

function asciiValue(name: string, text: string): string {
  const value = name === 'content-disposition' ? withExtendedFileName(text) : text;
  return isAscii(value) ? value : `=?UTF-8?B?${Buffer.from(value, 'utf8').toString('base64')}?=`;
}

function withExtendedFileName(disposition: string): string {
  const isExtended = /;\s*filename\*\s*=/i.test(disposition);
  return disposition.replace(
    /;\s*filename\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)/i,
    (parameter: string, given: string) => {
      if (isAscii(parameter)) return parameter;
      if (isExtended) return '';
      const fileName = given.startsWith('"') ? given.slice(1, -1).replaceAll(/\\(.)/g, '$1') : given.trim();
      return `; filename*=UTF-8''${encodeExtended(fileName)}`;
    },
  );
}

/** https://www.rfc-editor.org/rfc/rfc8187 */
function encodeExtended(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
