import { invalidArgument, isInvalidArgument, outOfRange } from './errors.ts';

/** What the packages beneath refuse is an argument of the caller's, and says so by its code; all else stays what it is. */
export function asRefused(error: unknown): unknown {
  if (isInvalidArgument(error)) return error;
  if (error instanceof RangeError) return outOfRange(error.message);
  return error instanceof TypeError ? invalidArgument(error.message, error) : error;
}

/** Signs, and fails with what `asRefused` makes of an error. */
export async function orRefused<T>(sign: () => T | Promise<T>): Promise<T> {
  try {
    return await sign();
  } catch (error) {
    throw asRefused(error);
  }
}
