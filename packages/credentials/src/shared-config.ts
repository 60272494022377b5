import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { CredentialsError } from './credentials-error.ts';
import { type Environment, variable } from './environment.ts';
import {
  mergeConfigs,
  type ParsedConfig,
  type Properties,
  parseSharedConfig,
  type SharedFileKind,
} from './parse-shared-config.ts';

/** Which files, and which profile in them. */
export interface SharedConfigOptions {
  /** The profile. @default AWS_PROFILE, then AWS_DEFAULT_PROFILE, then 'default' */
  readonly profile?: string | undefined;
  /** Variables in place of `process.env`. @default process.env */
  readonly environment?: Environment | undefined;
}

/** Both files, read, and the profile that is asked for. */
export interface SharedConfig extends ParsedConfig {
  /** The profile's name. */
  readonly profile: string;
  /** Whether somebody named it: an option or a variable. */
  readonly profileIsNamed: boolean;
  readonly configFile: string;
  readonly credentialsFile: string;
}

/** What `sharedConfigLocations` takes beside: for other platforms. */
export interface LocationOptions extends SharedConfigOptions {
  /** @default process.platform */
  readonly platform?: string | undefined;
}

/** The names that `SharedConfig` has beside what is in the files. */
export type SharedConfigLocations = Omit<SharedConfig, keyof ParsedConfig>;

/**
 * Where the two files are, and which profile counts.
 *
 * `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE` name them; else they are `config` and `credentials` in the folder
 * `.aws` of the user's home.
 *
 * @see {@link https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html}
 */
export function sharedConfigLocations(options: LocationOptions = {}): SharedConfigLocations {
  const { environment = process.env, platform = process.platform } = options;
  const isWindows = platform.startsWith('win');
  const { join } = isWindows ? path.win32 : path.posix;
  const home = homeFolder(environment, isWindows);
  const locate = (name: string, otherwise: string): string => {
    const given = variable(environment, name);
    if (given === undefined) return join(home, '.aws', otherwise);
    return /^~[/\\]/.test(given) ? join(home, given.slice(2)) : given;
  };
  const named =
    options.profile ?? variable(environment, 'AWS_PROFILE') ?? variable(environment, 'AWS_DEFAULT_PROFILE');
  return {
    profile: named ?? 'default',
    profileIsNamed: named !== undefined,
    configFile: locate('AWS_CONFIG_FILE', 'config'),
    credentialsFile: locate('AWS_SHARED_CREDENTIALS_FILE', 'credentials'),
  };
}

function homeFolder(environment: Environment, isWindows: boolean): string {
  const home = variable(environment, 'HOME');
  if (home !== undefined) return home;
  if (!isWindows) return homedir();
  const drive = variable(environment, 'HOMEDRIVE');
  const rest = variable(environment, 'HOMEPATH');
  return (
    variable(environment, 'USERPROFILE') ??
    (drive === undefined || rest === undefined ? homedir() : `${drive}${rest}`)
  );
}

/**
 * Reads both shared files; one that is not there is empty.
 *
 * @throws {CredentialsError} a file that cannot be read, or a line that cannot be understood
 * @example
 * const { profiles } = await loadSharedConfig();
 * console.log(Object.keys(profiles));
 */
export async function loadSharedConfig(options: SharedConfigOptions = {}): Promise<SharedConfig> {
  const locations = sharedConfigLocations(options);
  const [config, credentials] = await Promise.all([
    parseFile(locations.configFile, 'config'),
    parseFile(locations.credentialsFile, 'credentials'),
  ]);
  return { ...mergeConfigs(config, credentials), ...locations };
}

async function parseFile(file: string, kind: SharedFileKind): Promise<ParsedConfig> {
  let text = '';
  try {
    // Small, and read once: to start threads for it would take longer.
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ENOENT' && code !== 'ENOTDIR')
      throw new CredentialsError(`this file cannot be read (${String(code)})`, { file }, error);
  }
  return parseSharedConfig(text, kind, file);
}

/**
 * The properties of the profile that is asked for; none where it is not in the files.
 *
 * @throws {CredentialsError} somebody named the profile, and it is not there
 */
export function selectedProfile(config: SharedConfig): Properties {
  const properties = config.profiles[config.profile];
  if (properties === undefined && config.profileIsNamed && config.profile !== 'default') {
    throw new CredentialsError(
      `there is no profile ${JSON.stringify(config.profile)} in ${config.configFile} or ${config.credentialsFile}`,
      { profile: config.profile },
    );
  }
  return properties ?? {};
}
