import { BlockList, isIP } from 'node:net';
import { matchesPattern } from './wildcards.ts';

/** Compares one value of the request with one value of the policy. */
type Comparison = (actual: string, expected: string) => boolean;

const equalNumbers =
  (holds: (actual: number, expected: number) => boolean): Comparison =>
  (actual, expected) =>
    holds(Number(actual), Number(expected));

const equalDates =
  (holds: (actual: number, expected: number) => boolean): Comparison =>
  (actual, expected) =>
    holds(timeOf(actual), timeOf(expected));

/** Milliseconds since 1970 of a date, or of seconds since 1970. */
function timeOf(text: string): number {
  return /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text);
}

function isInNetwork(address: string, network: string): boolean {
  const [base = '', bits] = network.split('/');
  const family = isIP(base);
  // An IPv4 client of a socket that serves both families.
  const client = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (family === 0 || isIP(client) !== family) return false;
  const list = new BlockList();
  const type = family === 6 ? 'ipv6' : 'ipv4';
  const length = bits === undefined ? (family === 6 ? 128 : 32) : Number(bits);
  if (!(length >= 0 && length <= (family === 6 ? 128 : 32))) return false;
  list.addSubnet(base, length, type);
  return list.check(client, type);
}

/**
 * The operators. One with `negated` holds when none of the values fits.
 *
 * @see {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html}
 */
const operators: ReadonlyMap<string, { compare: Comparison; negated?: true }> = /* @__PURE__ */ new Map(
  Object.entries<{ compare: Comparison; negated?: true }>({
    StringEquals: { compare: (actual, expected) => actual === expected },
    StringNotEquals: { compare: (actual, expected) => actual === expected, negated: true },
    StringEqualsIgnoreCase: {
      compare: (actual, expected) => actual.toLowerCase() === expected.toLowerCase(),
    },
    StringNotEqualsIgnoreCase: {
      compare: (actual, expected) => actual.toLowerCase() === expected.toLowerCase(),
      negated: true,
    },
    StringLike: { compare: matchesPattern },
    StringNotLike: { compare: matchesPattern, negated: true },
    ArnEquals: { compare: matchesPattern },
    ArnLike: { compare: matchesPattern },
    ArnNotEquals: { compare: matchesPattern, negated: true },
    ArnNotLike: { compare: matchesPattern, negated: true },
    IpAddress: { compare: isInNetwork },
    NotIpAddress: { compare: isInNetwork, negated: true },
    Bool: { compare: (actual, expected) => actual === expected.toLowerCase() },
    NumericEquals: { compare: equalNumbers((actual, expected) => actual === expected) },
    NumericNotEquals: { compare: equalNumbers((actual, expected) => actual === expected), negated: true },
    NumericLessThan: { compare: equalNumbers((actual, expected) => actual < expected) },
    NumericLessThanEquals: { compare: equalNumbers((actual, expected) => actual <= expected) },
    NumericGreaterThan: { compare: equalNumbers((actual, expected) => actual > expected) },
    NumericGreaterThanEquals: { compare: equalNumbers((actual, expected) => actual >= expected) },
    DateEquals: { compare: equalDates((actual, expected) => actual === expected) },
    DateNotEquals: { compare: equalDates((actual, expected) => actual === expected), negated: true },
    DateLessThan: { compare: equalDates((actual, expected) => actual < expected) },
    DateLessThanEquals: { compare: equalDates((actual, expected) => actual <= expected) },
    DateGreaterThan: { compare: equalDates((actual, expected) => actual > expected) },
    DateGreaterThanEquals: { compare: equalDates((actual, expected) => actual >= expected) },
  }),
);

/** `ForAllValues:StringEqualsIfExists` in its three pieces. */
function piecesOf(operator: string): { set: string | undefined; name: string; ifExists: boolean } {
  const [, set, name = '', ifExists] =
    /^(?:(ForAnyValue|ForAllValues):)?(\w+?)(IfExists)?$/.exec(operator) ?? [];
  return { set, name, ifExists: ifExists !== undefined };
}

/** Whether a policy may use an operator. */
export function isConditionOperator(operator: string): boolean {
  const { name } = piecesOf(operator);
  return name === 'Null' || operators.has(name);
}

/**
 * Whether a condition holds.
 *
 * @param actual - the values that the request has for the condition's key; undefined: it has none
 */
export function conditionHolds(
  operator: string,
  actual: readonly string[] | undefined,
  expected: readonly string[],
): boolean {
  const { set, name, ifExists } = piecesOf(operator);
  if (name === 'Null')
    return expected.some((value) => (value.toLowerCase() === 'true') === (actual === undefined));
  const found = operators.get(name);
  if (!found) return false;
  // A key that is not there fits nothing, so that a negated operator holds.
  if (actual === undefined) return ifExists || set === 'ForAllValues' || found.negated === true;
  const fits = (value: string): boolean =>
    expected.some((candidate) => found.compare(value, candidate)) !== (found.negated === true);
  return set === 'ForAllValues' ? actual.every(fits) : actual.some(fits);
}
