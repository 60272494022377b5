/** Does something with each of a stream, several at a time; what comes of it comes in their order. */
export async function* ahead<T, U>(
  items: AsyncIterable<T>,
  count: number,
  act: (item: T) => Promise<U>,
): AsyncGenerator<U, void, undefined> {
  const underWay: Promise<U>[] = [];
  for await (const item of items) {
    const result = act(item);
    // Whoever waits for it hears of a failure.
    result.catch(() => undefined);
    underWay.push(result);
    if (underWay.length < count) continue;
    const first = underWay.shift();
    if (first !== undefined) yield await first;
  }
  for (const result of underWay) yield await result;
}
