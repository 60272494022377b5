import { UsageError } from 'clipanion';

/**
 * Lets standard input be asked for once. Several commands in one process would take from each other what comes, and none would
 * notice: whoever asks for it after the first is refused.
 *
 * @param taken - what the others are told
 */
export function lendStandardInputOnce(taken: string): void {
  const { stdin } = Object.getOwnPropertyDescriptors(process);
  let isLent = false;
  Object.defineProperty(process, 'stdin', {
    ...stdin,
    // Opened only when somebody asks, as Node does it.
    get: () => {
      if (isLent) throw new UsageError(taken);
      isLent = true;
      return stdin.get?.call(process);
    },
  });
}
