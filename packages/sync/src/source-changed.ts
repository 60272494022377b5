/** What was sent is no longer what the source has: it must not be deleted. */
export function sourceChanged(what: string): Error {
  return Object.assign(new Error(`${what} was changed while it was being sent, and is left as it is`), {
    code: 'ERR_S3KIT_SOURCE_CHANGED',
  });
}
