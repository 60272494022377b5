import { outOfRange } from '../errors.ts';
import { bodyLength, type HttpRequest } from '../http.ts';
import type { Pacer } from './pacer.ts';

// Slower than 64 KiB a second is no transfer.
const bytesPerMillisecond = 64 * 1.024;
const longestTimer = 2 ** 31 - 1;

/** Milliseconds that a service has to say whether it wants a body. */
export const longestContinueWait = 1_000;

/**
 * A setting as Node's timers take it, to which what is longer than 25 days is one millisecond.
 *
 * @throws {RangeError} no time: of Infinity there is as much as there can be
 */
export function timer(name: string, milliseconds: number): number {
  if (!(milliseconds > 0))
    throw outOfRange(`${name} is milliseconds, more than 0, or Infinity, not ${milliseconds}`);
  return Math.min(milliseconds, longestTimer);
}

/** Milliseconds until a request's answer must begin: a body has time of its own, and one that is slowed down on purpose is in no hurry. */
export function timeForAnswer(
  { body }: HttpRequest,
  attemptTimeout: number,
  pacer: Pacer | undefined,
): number {
  const milliseconds =
    pacer === undefined ? attemptTimeout + bodyLength(body) / bytesPerMillisecond : longestTimer;
  return Math.min(milliseconds, longestTimer);
}
