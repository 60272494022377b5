import { CredentialsError } from './credentials-error.ts';

/** The properties of one section, by their names in lower case. */
export type Properties = Readonly<Record<string, string>>;

/** Sections of one kind, by their names. */
export type Sections = Readonly<Record<string, Properties>>;

/** What a shared configuration file holds, or both of them together. */
export interface ParsedConfig {
  readonly profiles: Sections;
  /** The `[sso-session name]` sections. */
  readonly ssoSessions: Sections;
  /** The `[services name]` sections; each property is a block of a service's settings. */
  readonly services: Sections;
}

/** `config` writes `[profile name]`, `credentials` writes `[name]`. */
export type SharedFileKind = 'config' | 'credentials';

type Mutable = Record<string, Record<string, string>>;

/** Names come from outside: a section called `__proto__` must be no more than that. */
function emptyRecord<T>(): Record<string, T> {
  // A record without a prototype has no type of its own.
  return Object.create(null) as Record<string, T>;
}

/** A header of the credentials file. */
const titleName = /^[A-Za-z0-9_\-/.%@:+'" ]+$/;
const propertyName = /^[A-Za-z0-9_\-/.%@:+]+$/;

/** Where the lines of a section go; undefined for a section that is not ours to read. */
interface Target {
  readonly kind: 'profiles' | 'ssoSessions' | 'services';
  readonly name: string;
  /** True for `[profile default]`, which hides a plain `[default]` of the same file. */
  readonly prefixed: boolean;
}

/** A name in a header of the config file: quotes keep its spaces together, as in a shell. */
const quotableName = /^(?:'[^']*'|"[^"\\]*"|[A-Za-z0-9_\-/.%@:+])+$/;

function unquoted(name: string): string {
  return name.replace(/'([^']*)'|"([^"]*)"/g, '$1$2');
}

const prefixes = { profile: 'profiles', 'sso-session': 'ssoSessions', services: 'services' } as const;

function targetOf(title: string, kind: SharedFileKind): Target | undefined {
  const [, prefix = '', name = ''] = /^(\S+)\s+(.*)$/.exec(title) ?? [];
  const known = Object.hasOwn(prefixes, prefix);
  if (kind === 'credentials') {
    // There, the AWS CLI writes a name with spaces as it is; a prefix is a header of the other file.
    return known || !titleName.test(title) ? undefined : { kind: 'profiles', name: title, prefixed: false };
  }
  if (title === 'default') return { kind: 'profiles', name: title, prefixed: false };
  if (!known || !quotableName.test(name)) return undefined;
  // It is one of the table's.
  return { kind: prefixes[prefix as keyof typeof prefixes], name: unquoted(name), prefixed: true };
}

/** A comment begins at a `#` or `;` after white space. */
function withoutComment(text: string): string {
  return text.replace(/(^|\s)[#;].*$/, '').trim();
}

/**
 * Parses the text of `~/.aws/config` or `~/.aws/credentials`.
 *
 * What those files may hold beside, such as sections of a name that is none, is passed over; property names come out in
 * lower case. In the config file a name may stand in quotes, as the AWS CLI writes one with spaces: `[profile 'my team']`. A block of indented lines is one value, `\nname = value` for each; see `nestedProperties`.
 *
 * @param file - the file's name, for errors
 * @throws {CredentialsError} a line that is neither section, property, continuation nor comment: names file and line, never
 *   what stands there
 * @see {@link https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html}
 */
export function parseSharedConfig(
  text: string,
  kind: SharedFileKind,
  file: string = `the ${kind} file`,
): ParsedConfig {
  const result = {
    profiles: emptyRecord() as Mutable,
    ssoSessions: emptyRecord() as Mutable,
    services: emptyRecord() as Mutable,
  };
  let defaultIsPrefixed = false;
  let section: Record<string, string> | 'ignored' | undefined;
  let property: { readonly name: string | undefined; readonly block: boolean } | undefined;

  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  for (const [index, line] of lines.entries()) {
    const fail = (problem: string): never => {
      throw new CredentialsError(problem, { file, line: index + 1 });
    };
    if (line.trim() === '' || /^[#;]/.test(line)) continue;

    if (/^\s/.test(line)) {
      if (property === undefined) return fail('expected a property definition, found a continuation');
      if (property.block && withoutComment(line) === '') continue;
      if (property.block) checkSubProperty(line, fail);
      if (section !== 'ignored' && section !== undefined && property.name !== undefined)
        section[property.name] = `${section[property.name] ?? ''}\n${line.trim()}`;
      continue;
    }

    if (line.startsWith('[')) {
      const end = line.indexOf(']');
      if (end === -1) return fail("a section's name must end with ']'");
      property = undefined;
      const target = targetOf(line.slice(1, end).trim(), kind);
      section = 'ignored';
      if (target === undefined) continue;
      const isDefault = kind === 'config' && target.kind === 'profiles' && target.name === 'default';
      if (isDefault && !target.prefixed && defaultIsPrefixed) continue;
      if (isDefault && target.prefixed && !defaultIsPrefixed) {
        defaultIsPrefixed = true;
        delete result.profiles['default'];
      }
      section = result[target.kind][target.name] ??= emptyRecord<string>();
      continue;
    }

    if (section === undefined) return fail('expected a profile definition such as [default]');
    const equals = line.indexOf('=');
    if (equals === -1) return fail("expected an '=' sign defining a property");
    const name = line.slice(0, equals).trim().toLowerCase();
    if (name === '') return fail('the property has no name');
    const value = withoutComment(line.slice(equals + 1));
    property = { name: propertyName.test(name) ? name : undefined, block: value === '' };
    if (section !== 'ignored' && property.name !== undefined) section[property.name] = value;
  }
  return result;
}

function checkSubProperty(line: string, fail: (problem: string) => never): void {
  const equals = line.indexOf('=');
  if (equals === -1) fail("expected an '=' sign defining a sub-property");
  if (line.slice(0, equals).trim() === '') fail('the sub-property has no name');
}

/**
 * The properties of a block of indented lines, such as those under `s3 =`, by their names in lower case.
 *
 * @param value - the value of the property that the block belongs to
 */
export function nestedProperties(value: string | undefined): Properties {
  const result = emptyRecord<string>();
  for (const line of (value ?? '').split('\n')) {
    const equals = line.indexOf('=');
    if (equals > 0)
      result[line.slice(0, equals).trim().toLowerCase()] = withoutComment(line.slice(equals + 1));
  }
  return result;
}

/** One configuration from both files; where both have a property, the credentials file's counts. */
export function mergeConfigs(config: ParsedConfig, credentials: ParsedConfig): ParsedConfig {
  const profiles: Record<string, Properties> = Object.assign(emptyRecord<Properties>(), config.profiles);
  for (const [name, properties] of Object.entries(credentials.profiles)) {
    profiles[name] = Object.assign(emptyRecord<string>(), profiles[name], properties);
  }
  return { ...config, profiles };
}
