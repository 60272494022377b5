/** Tells a listener. Of an `async` one nobody waits for the end: that it fails must not end the process. */
export function tell<Event>(listener: (event: Event) => void, event: Event): void {
  const given: unknown = listener(event);
  if (given instanceof Promise) given.catch(() => undefined);
}
