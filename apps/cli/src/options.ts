import type { Shard } from '@s3kit/sync';
import { Option, UsageError } from 'clipanion';
import { type OptionName, type OptionSpec, optionTable, type Rule } from './option-table.ts';
import { parseBytes, parseCount, parseHttpDate, parseMoment, parseSeconds } from './quantities.ts';

type ValueOf<Kind> = Kind extends 'flag'
  ? boolean
  : Kind extends 'list'
    ? readonly string[]
    : Kind extends 'rules'
      ? readonly Rule[]
      : Kind extends 'time'
        ? Date | undefined
        : Kind extends 'shard'
          ? Shard | undefined
          : Kind extends 'count' | 'bytes' | 'seconds'
            ? number | undefined
            : string | undefined;

/** What was given for some of the options. */
export type Given<Name extends OptionName> = {
  readonly [Key in Name]: ValueOf<(typeof optionTable)[Key]['kind']>;
};

/** Options of the table, as one member of a command: `given = options('recursive', 'dry-run')`. */
export function options<const Names extends readonly OptionName[]>(...names: Names): Given<Names[number]> {
  const chosen = [...new Set<OptionName>(names)].map((name) => [name, specOf(name)] as const);
  return Option.makeCommandOption({
    definition(builder) {
      for (const [, { flags, kind, help }] of chosen) {
        const arity = kind === 'flag' ? 0 : 1;
        if (kind !== 'rules') builder.addOption({ names: flags.split(','), arity, description: help });
        else
          for (const flag of flags.split(','))
            builder.addOption({ names: [flag], arity, description: ruleHelp[flag] ?? help });
      }
    },
    transformer(_builder, _key, state) {
      const given = chosen.map(([name, spec]) => {
        const flags = spec.flags.split(',');
        return [
          name,
          read(
            spec,
            state.options.filter((option) => flags.includes(option.name)),
          ),
        ];
      });
      // Each name has the type that its kind gives it: `read` goes by the same kinds.
      return Object.fromEntries(given) as Given<Names[number]>;
    },
  });
}

const ruleHelp: Readonly<Record<string, string>> = {
  '--include': 'take in what matches the pattern, though an --exclude before it leaves it out',
  '--exclude':
    'leave out what matches the pattern; of all --include and --exclude, the last that matches wins',
  '--filter-from': 'patterns from a file, one a line: "+ pattern" takes in, "- pattern" leaves out',
};

function specOf(name: OptionName): OptionSpec {
  return optionTable[name];
}

/**
 * What was given for an option that a command has alone, where it is a whole number.
 *
 * @throws {UsageError} it is none
 */
export function countOf(flag: string, text: string): number {
  const count = parseCount(text);
  if (count === undefined)
    throw new UsageError(`${flag} is ${kinds.count.wants}, not ${JSON.stringify(text)}`);
  return count;
}

type Used = readonly { readonly name: string; readonly value: unknown }[];

function read(spec: OptionSpec, used: Used): unknown {
  const { kind } = spec;
  const last = used.at(-1);
  if (kind === 'flag') return last !== undefined && last.value !== false;
  if (kind === 'list') return used.map(({ value }) => String(value));
  if (kind === 'rules') return used.map(({ name, value }) => ruleOf(name, String(value)));
  if (last === undefined) return undefined;
  const text = String(last.value);
  const { parse, wants } = kinds[kind];
  const value = parse(text);
  const { least = 0, most = Number.POSITIVE_INFINITY } = spec;
  if (typeof value === 'number' && (value < least || value > most)) {
    const bound = value < least ? `${least} or more` : `${most} or less`;
    throw new UsageError(`${last.name} is ${wants}, ${bound}, not ${JSON.stringify(text)}`);
  }
  if (value === undefined || (spec.choices !== undefined && !spec.choices.includes(text))) {
    const wanted = spec.choices === undefined ? wants : `one of ${spec.choices.join(', ')}`;
    throw new UsageError(`${last.name} is ${wanted}, not ${JSON.stringify(text)}`);
  }
  return value;
}

function ruleOf(flag: string, pattern: string): Rule {
  if (flag === '--filter-from') return { from: pattern };
  return flag === '--include' ? { include: pattern } : { exclude: pattern };
}

const kinds = {
  text: { parse: (text: string) => text, wants: 'a text' },
  count: {
    parse: parseCount,
    wants: 'a whole number',
  },
  bytes: { parse: parseBytes, wants: 'a number of bytes, such as 4096 or 16MiB' },
  seconds: { parse: parseSeconds, wants: 'a time such as 90s, 15m, 12h or 7d' },
  shard: {
    parse: parseShard,
    wants: 'I/N, such as 3/16: N is how many there are, and I which one, from 0 to N - 1',
  },
  date: {
    parse: parseHttpDate,
    wants: 'a date such as 2026-11-21, 2026-11-21T10:00Z or Sat, 21 Nov 2026 10:00:00 GMT',
  },
  time: {
    parse: (text: string) => parseMoment(text),
    wants: 'a date such as 2026-11-21 or 2026-11-21T10:00Z, or how long ago, such as 7d',
  },
};

function parseShard(text: string): Shard | undefined {
  const [, index, count] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? [];
  const shard = { index: Number(index), count: Number(count) };
  return shard.index < shard.count ? shard : undefined;
}
