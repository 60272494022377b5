import { integerBetween, pick, pickWeighted, seededRandom, seedOf } from '../random.ts';
import type { Weather } from '../schedule.ts';

/** What a transfer does. */
export type Verb = 'write' | 'read' | 'copy' | 'updateMetadata';

/** One transfer of the suite, with all that is random about it. */
export interface Scenario {
  /** Its number in the run. */
  readonly index: number;
  /** The seed of its content and of its faults. */
  readonly seed: number;
  readonly verb: Verb;
  /** Bytes of what is transferred. */
  readonly size: number;
  /** Bytes of what is at the destination before; undefined where nothing is. */
  readonly oldSize: number | undefined;
  readonly weather: Weather;
  /** Whether the client asks for TLS, which the proxy fails. */
  readonly tls: boolean;
  /** Milliseconds after which the caller aborts. */
  readonly abortAfter: number | undefined;
}

const KiB = 1024;

/** S3's limits, scaled down by some hundreds, so that small files go in many parts. For the client. */
export const scaledLimits: Readonly<
  Record<'minimumPartSize' | 'multipartThreshold' | 'maximumCopySize' | 'copyPartSize', number>
> = {
  minimumPartSize: 16 * KiB,
  multipartThreshold: 48 * KiB,
  maximumCopySize: 64 * KiB,
  copyPartSize: 24 * KiB,
};

/** The largest file, bytes: 20 parts. */
const largest = 20 * scaledLimits.minimumPartSize;

/** The transfer of a seed and number. Pure. */
export function scenarioOf(runSeed: number, index: number): Scenario {
  const seed = seedOf(runSeed, `transfer ${index}`);
  const random = seededRandom(seed);
  const size = (): number =>
    random() < 0.4
      ? integerBetween(random, 0, scaledLimits.multipartThreshold - 1)
      : integerBetween(random, scaledLimits.multipartThreshold, largest);
  return {
    index,
    seed,
    verb: pickWeighted(random, [
      ['write', 4],
      ['read', 2],
      ['copy', 2],
      ['updateMetadata', 2],
    ]),
    size: size(),
    oldSize: random() < 0.5 ? size() : undefined,
    weather: pick(random, ['calm', 'rough', 'storm', 'broken']),
    tls: random() < 0.02,
    abortAfter: random() < 0.1 ? integerBetween(random, 0, 60) : undefined,
  };
}
