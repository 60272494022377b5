/** Tells whoever asked for it; that one must not be able to fail a request, so that an error is ignored. */
export async function tell<T>(observer: (news: T) => unknown, news: T): Promise<void> {
  try {
    await observer(news);
  } catch {
    // Ignored, also where it comes from an async function.
  }
}
