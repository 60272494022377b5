/**
 * Pages, each of which is asked for when the one before has come: to show one takes as long as to make it. The second is asked for
 * when the first has been read, since most listings have no more.
 */
export async function* withNextUnderWay<T>(
  pages: AsyncGenerator<T, void, undefined>,
): AsyncGenerator<T, void, undefined> {
  try {
    const first = await pages.next();
    if (first.done === true) return;
    yield first.value;
    for (let page = await pages.next(); page.done !== true; ) {
      const next = pages.next();
      // It may fail while the one before is being read, and is waited for only then.
      next.catch(() => undefined);
      yield page.value;
      page = await next;
    }
  } finally {
    await pages.return();
  }
}
