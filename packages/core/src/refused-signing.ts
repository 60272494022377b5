import { invalidArgument, isInvalidArgument, outOfRange } from './errors.ts';

/** Signs; what the signer refuses is an argument of the caller's, and says so by its code. */
export async function orRefused<T>(sign: () => T | Promise<T>): Promise<T> {
  try {
    return await sign();
  } catch (error) {
    if (isInvalidArgument(error)) throw error;
    if (error instanceof RangeError) throw outOfRange(error.message);
    if (error instanceof TypeError) throw invalidArgument(error.message, error);
    throw error;
  }
}
