import type { Fault, FaultKind, InjectedAnswer, Schedule, SeenRequest } from './faults.ts';
import { integerBetween, pick, pickWeighted, type Random, seededRandom, seedOf } from './random.ts';

/**
 * How bad a network and a service are.
 *
 * - `calm`: now and then something fails
 * - `rough`: every other request fails somehow
 * - `storm`: the first requests of each kind are refused, by a service that has too much to do
 * - `broken`: of some requests, every attempt fails
 */
export type Weather = 'calm' | 'rough' | 'storm' | 'broken';

/** How long things last, in milliseconds. */
export interface ScheduleTimes {
  /** The longest that a client should bear. @default 30 */
  readonly bearable?: number;
  /** What no client should wait for. @default 2000 */
  readonly unbearable?: number;
}

type Failing = Exclude<FaultKind, 'pass' | 'handshake'>;
type Times = Required<ScheduleTimes>;

const passing: Fault = { kind: 'pass' };

const overloaded: readonly InjectedAnswer[] = [
  { status: 503, code: 'SlowDown' },
  { status: 503, code: 'SlowDown', retryAfter: 1 },
  { status: 503, code: 'ServiceUnavailable' },
  { status: 429, code: 'TooManyRequests' },
  { status: 500, code: 'InternalError' },
];
const insideAnswers: readonly InjectedAnswer[] = [
  { status: 200, code: 'InternalError' },
  { status: 200, code: 'SlowDown' },
];

const weights: readonly (readonly [Failing, number])[] = [
  ['reset', 6],
  ['answer', 4],
  ['stall', 3],
  ['truncate', 3],
  ['drip', 2],
  ['delay', 2],
  ['duplicate', 2],
  ['refuse', 1],
];

const makers: Readonly<Record<Failing, (random: Random, request: SeenRequest, times: Times) => Fault>> = {
  reset: (random, request) => ({ kind: 'reset', ...somewhere(random, request) }),
  stall: (random, request, { bearable, unbearable }) => ({
    kind: 'stall',
    ...somewhere(random, request),
    milliseconds: pick(random, [bearable, unbearable, Number.POSITIVE_INFINITY]),
  }),
  drip: (random, request, { bearable }) => ({
    kind: 'drip',
    direction: pick(random, ['up', 'down']),
    // At most 20 pieces of what the client sends, so that the pauses of an endless body stay bearable.
    bytes: Math.max(
      integerBetween(random, 64, 16 * 1024),
      Math.ceil((request.headLength + request.bodyLength) / 20),
    ),
    milliseconds: Math.ceil(bearable / 10),
  }),
  truncate: (random, request) => ({ kind: 'truncate', afterBytes: downBytes(random, request) }),
  delay: (random, _request, { bearable, unbearable }) => ({
    kind: 'delay',
    milliseconds: pick(random, [bearable, unbearable]),
  }),
  duplicate: () => ({ kind: 'duplicate' }),
  refuse: (random, _request, { bearable }) => ({
    kind: 'refuse',
    milliseconds: integerBetween(random, 1, 2 * bearable),
  }),
  answer: (random, request) => ({
    kind: 'answer',
    answer: pick(random, canFailInside(request) ? [...overloaded, ...insideAnswers] : overloaded),
  }),
};

/**
 * What makes requests the same for a schedule: all but what differs from run to run, the upload id and a signature.
 *
 * Parts are sent side by side, and come in any order; by its label and occurrence, each meets the same fate in every run.
 */
export function labelOf(method: string, target: string): string {
  const [path = '', query = ''] = target.split('?', 2);
  const kept = query.split('&').filter((pair) => !/^X-Amz-/i.test(pair));
  return `${method} ${path}?${kept.map((pair) => pair.replace(/^uploadId=.*/, 'uploadId')).join('&')}`;
}

/**
 * The faults of a seed. Pure: the same seed and request give the same fault.
 *
 * @example
 * const schedule = createSchedule(42, 'rough');
 */
export function createSchedule(
  seed: number,
  weather: Weather,
  { bearable = 30, unbearable = 2_000 }: ScheduleTimes = {},
): Schedule {
  const times = { bearable, unbearable };
  const failing = (random: Random, request: SeenRequest): Fault =>
    makers[pickWeighted(random, weights)](random, request, times);
  return (request) => {
    const label = labelOf(request.method, request.target);
    // One source for the request, whatever its occurrence, and one for this occurrence.
    const ofLabel = seededRandom(seedOf(seed, label));
    const random = seededRandom(seedOf(seed, `${label} ${request.occurrence}`));
    if (request.method === 'TLS')
      return { kind: 'handshake', failure: pick(random, ['reset', 'close', 'garbage', 'stall']) };
    if (weather === 'storm') {
      const refused = integerBetween(ofLabel, 0, 5);
      return request.occurrence < refused ? { kind: 'answer', answer: pick(random, overloaded) } : passing;
    }
    if (weather === 'broken') return ofLabel() < 0.2 ? failing(random, request) : passing;
    return random() < (weather === 'rough' ? 0.5 : 0.1) ? failing(random, request) : passing;
  };
}

/** S3 can answer 200, and then fail, to a copy and to the completion of an upload. */
function canFailInside({ method, target, headers }: SeenRequest): boolean {
  return method === 'POST'
    ? target.includes('uploadId=')
    : method === 'PUT' && headers['x-amz-copy-source'] !== undefined;
}

function somewhere(
  random: Random,
  request: SeenRequest,
): { readonly direction: 'up' | 'down'; readonly afterBytes: number } {
  const direction = pick(random, ['up', 'down'] as const);
  return {
    direction,
    afterBytes:
      direction === 'up'
        ? integerBetween(random, 0, request.headLength + request.bodyLength - 1)
        : downBytes(random, request),
  };
}

/** A place in the answer: anywhere in a head, or, for what may have a long body, of any magnitude. Often before it all. */
function downBytes(random: Random, { method }: SeenRequest): number {
  if (random() < 0.3) return 0;
  return method === 'GET' ? Math.floor(2 ** (18 * random())) : integerBetween(random, 1, 600);
}
