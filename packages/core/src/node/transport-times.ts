import { bodyLength, type HttpRequest } from '../http.ts';
import type { Pacer } from './pacer.ts';

// Slower than 64 KiB a second is no transfer.
const bytesPerMillisecond = 64 * 1.024;
const longestTimer = 2 ** 31 - 1;

/** Milliseconds that a service has to say whether it wants a body. */
export const longestContinueWait = 1_000;

/** Milliseconds until a request's answer must begin: a body has time of its own, and one that is slowed down on purpose is in no hurry. */
export function timeForAnswer(
  { body }: HttpRequest,
  attemptTimeout: number,
  pacer: Pacer | undefined,
): number {
  return pacer === undefined ? attemptTimeout + bodyLength(body) / bytesPerMillisecond : longestTimer;
}
