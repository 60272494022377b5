import { setTimeout as sleep } from 'node:timers/promises';
import type { Direction, Fault } from './faults.ts';

/** The bytes of one request or one answer, on their way. */
export interface Stream {
  readonly direction: Direction;
  readonly fault: Fault;
  /** The next bytes; undefined when all have come. */
  next(): Promise<Buffer | undefined>;
  write(chunk: Buffer): Promise<void>;
  /** Told when the fault takes effect. */
  strike(): void;
  /** Ends all waiting. */
  readonly signal: AbortSignal;
}

/** How a stream ended: whole, or where the fault cut it, by a reset or in good order. */
export type Ending = 'whole' | 'reset' | 'end';

/** Carries bytes from one side to the other, as far as the fault lets them through. */
export async function pump(stream: Stream): Promise<Ending> {
  const fault = inDirection(stream);
  const cutAt = 'afterBytes' in fault ? fault.afterBytes : Number.POSITIVE_INFINITY;
  for (let passed = 0, chunk = await stream.next(); chunk !== undefined; chunk = await stream.next()) {
    const first = passed === 0;
    const beforeCut = passed <= cutAt && passed + chunk.length > cutAt ? cutAt - passed : chunk.length;
    passed += chunk.length;
    if (fault.kind === 'drip') {
      await drip(stream, chunk, fault.bytes, fault.milliseconds);
      continue;
    }
    if (fault.kind === 'delay' && first) {
      stream.strike();
      await pause(fault.milliseconds, stream.signal);
    }
    if (beforeCut > 0) await stream.write(chunk.subarray(0, beforeCut));
    if (beforeCut === chunk.length) continue;
    stream.strike();
    if (fault.kind !== 'stall') return fault.kind === 'reset' ? 'reset' : 'end';
    await pause(fault.milliseconds, stream.signal);
    // What a client had sent, and the network had not carried yet, is lost with the client's connection.
    if (stream.signal.aborted && stream.direction === 'up') return 'reset';
    await stream.write(chunk.subarray(beforeCut));
  }
  return 'whole';
}

async function drip(stream: Stream, chunk: Buffer, bytes: number, milliseconds: number): Promise<void> {
  stream.strike();
  for (let offset = 0; offset < chunk.length; offset += bytes) {
    await stream.write(chunk.subarray(offset, offset + bytes));
    await pause(milliseconds, stream.signal);
  }
}

/** The fault, where it is one of this direction. */
function inDirection({ fault, direction }: Stream): Fault {
  const own = 'direction' in fault ? fault.direction : 'down';
  return own === direction ? fault : { kind: 'pass' };
}

/** Waits so many milliseconds, or until the signal. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  if (milliseconds === Number.POSITIVE_INFINITY) {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    return;
  }
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
}
