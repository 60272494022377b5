import { describe, expect, test } from 'vitest';
import { endpointUrl } from '../src/endpoint-url.ts';
import {
  mergeConfigs,
  nestedProperties,
  type ParsedConfig,
  parseSharedConfig,
} from '../src/parse-shared-config.ts';
import { type SharedConfig, sharedConfigLocations } from '../src/shared-config.ts';
import vectors from './vectors/shared-config.json' with { type: 'json' };

interface ParserVector {
  readonly name: string;
  readonly input: { readonly configFile?: string; readonly credentialsFile?: string };
  readonly output: {
    readonly errorContaining?: string;
    readonly config?: { readonly profiles?: object; readonly sso_sessions?: object };
  };
}

function parseBoth({ configFile = '', credentialsFile = '' }: ParserVector['input']): ParsedConfig {
  return mergeConfigs(
    parseSharedConfig(configFile, 'config'),
    parseSharedConfig(credentialsFile, 'credentials'),
  );
}

/** What the errors of the vectors are called here. */
const meanings: Readonly<Record<string, RegExp>> = {
  "Profile definition must end with ']'": /must end with ']'/,
  'Expected a profile definition': /expected a profile definition/,
  'Property did not have a name': /property has no name/,
  'Expected a property definition': /expected a property definition/,
  'Expected a property definition, found continuation': /found a continuation/,
  "Expected an '=' sign defining a property": /'=' sign defining a property/,
  "Expected an '=' sign defining a sub-property": /'=' sign defining a sub-property/,
  'Sub-property did not have a name': /sub-property has no name/,
};

describe('the text of the shared files', () => {
  const cases = vectors.profileParser as readonly ParserVector[];
  test.each(cases.map((vector, index) => ({ ...vector, title: `${index + 1}. ${vector.name}` })))(
    '$title',
    ({ input, output }) => {
      const { errorContaining, config } = output;
      if (errorContaining !== undefined) {
        const meaning = meanings[errorContaining];
        expect(meaning, errorContaining).toBeDefined();
        expect(() => parseBoth(input)).toThrow(meaning);
        return;
      }
      const parsed = parseBoth(input);
      expect(parsed.profiles).toEqual(config?.profiles ?? {});
      expect(parsed.ssoSessions).toEqual(config?.sso_sessions ?? {});
    },
  );

  test('an error names the file and the line, and not what stands there', () => {
    const text = '[default]\nregion = eu-west-1\naws_secret_access_key wJalrXUtnFEMI\n';
    expect(() => parseSharedConfig(text, 'credentials', '/home/a/.aws/credentials')).toThrow(
      "/home/a/.aws/credentials:3: expected an '=' sign defining a property",
    );
    try {
      parseSharedConfig(text, 'credentials');
    } catch (error) {
      expect(String(error)).not.toContain('wJalr');
    }
  });

  test('a section called __proto__ is a section', () => {
    const { profiles } = parseSharedConfig('[__proto__]\nregion = here\n', 'credentials');
    expect(Object.keys(profiles)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>)['region']).toBeUndefined();
  });

  // What botocore's configloader makes of the same headers.
  test.each([
    [`[profile "foo bar"]`, 'profiles', 'foo bar'],
    [`[profile 'foo']`, 'profiles', 'foo'],
    [`[profile   "a b"  ]`, 'profiles', 'a b'],
    [`[profile 'Someone'"'"'s Mac']`, 'profiles', "Someone's Mac"],
    [`[sso-session 'My Corp Ltd']`, 'ssoSessions', 'My Corp Ltd'],
    [`[services "one two"]`, 'services', 'one two'],
  ] as const)('quotes around a name are none of its own: %s', (header, kind, name) => {
    const empty = { profiles: {}, ssoSessions: {}, services: {} };
    const expected = { ...empty, [kind]: { [name]: { region: 'here' } } };
    expect(parseSharedConfig(`${header}\nregion = here\n`, 'config')).toEqual(expected);
  });

  test.each(['[profile "foo]', "[profile it's]", '[profile foo bar]', '[profile "a" b]', '["default"]'])(
    'what names no profile is passed over: %s',
    (header) => {
      const { profiles } = parseSharedConfig(`${header}\nregion = here\n`, 'config');
      expect(profiles).toEqual({});
    },
  );

  test('[profile "default"] hides a [default], as it does without the quotes', () => {
    const { profiles } = parseSharedConfig('[default]\na = 1\n[profile "default"]\nb = 2\n', 'config');
    expect(profiles).toEqual({ default: { b: '2' } });
  });

  test('both files as the AWS CLI writes them for a name with spaces are one profile', () => {
    const input = {
      configFile: "[profile 'my team']\nregion = eu-west-1\n",
      credentialsFile: '[my team]\naws_access_key_id = AKIDEXAMPLE\n',
    };
    expect(parseBoth(input).profiles).toEqual({
      'my team': { region: 'eu-west-1', aws_access_key_id: 'AKIDEXAMPLE' },
    });
  });

  test('a prefix is a header of the config file only', () => {
    const { profiles } = parseSharedConfig('[profile foo]\nregion = here\n', 'credentials');
    expect(profiles).toEqual({});
  });

  test('a byte order mark, comments in a block and names in capitals are understood', () => {
    const { profiles } = parseSharedConfig(
      '\uFEFF[default]\nREGION = eu-west-1\ns3 =\n  # where buckets go\n  Addressing_Style = path # for MinIO\n  use_dualstack_endpoint=true\n',
      'config',
    );
    expect(profiles['default']?.['region']).toBe('eu-west-1');
    expect(nestedProperties(profiles['default']?.['s3'])).toEqual({
      addressing_style: 'path',
      use_dualstack_endpoint: 'true',
    });
  });
});

describe('where the files are', () => {
  test.each(vectors.fileLocation)('$name', ({ environment, platform, ...expected }) => {
    const found = sharedConfigLocations({ environment, platform });
    expect({
      profile: found.profile,
      configLocation: found.configFile,
      credentialsLocation: found.credentialsFile,
    }).toEqual({
      profile: expected.profile,
      configLocation: expected.configLocation,
      credentialsLocation: expected.credentialsLocation,
    });
  });

  test('AWS_DEFAULT_PROFILE names the profile where AWS_PROFILE does not, and an option comes before both', () => {
    const environment = { HOME: '/home/a', AWS_DEFAULT_PROFILE: 'old' };
    expect(sharedConfigLocations({ environment }).profile).toBe('old');
    expect(sharedConfigLocations({ environment: { ...environment, AWS_PROFILE: 'new' } }).profile).toBe(
      'new',
    );
    expect(sharedConfigLocations({ environment, profile: 'given' }).profile).toBe('given');
  });
});

/** Cases of the vectors that are for somebody else, and why. */
const notHere: Readonly<Record<string, string>> = {
  'DynamoDB service-specific endpoint url environment variable is used when service-specific S3 environment variable is also present.':
    'of another service than S3',
};

function configOf(text: string, profile: string): SharedConfig {
  return {
    ...parseSharedConfig(text, 'config'),
    profile,
    profileIsNamed: true,
    configFile: 'config',
    credentialsFile: 'credentials',
  };
}

describe('the endpoint that files and environment set', () => {
  const { profiles, services, environments, client_configs, endpointUrlTests } = vectors.endpointUrls;
  const text = [
    ...Object.entries(profiles).map(([name, properties]) =>
      [`[profile ${name}]`, ...Object.entries(properties).map(([key, value]) => `${key} = ${value}`)].join(
        '\n',
      ),
    ),
    ...Object.entries(services).map(([name, blocks]) =>
      [
        `[services ${name}]`,
        ...Object.entries(blocks as Record<string, Record<string, string>>).flatMap(([service, block]) => [
          `${service} =`,
          ...Object.entries(block).map(([key, value]) => `  ${key} = ${value}`),
        ]),
      ].join('\n'),
    ),
  ].join('\n');

  test.each(endpointUrlTests.filter(({ name }) => notHere[name] === undefined))('$name', (vector) => {
    const { profile, client_config, environment, output } = vector;
    // The tables of the vectors are looked up by name.
    const client = (
      client_configs as Record<string, { endpoint_url?: string; ignore_configured_endpoint_urls?: boolean }>
    )[client_config];
    const config = configOf(text, profile);
    const variables = {
      ...(environments as Record<string, Record<string, string>>)[environment],
      // A program that ignores what is configured says so as the variable does.
      ...(client?.ignore_configured_endpoint_urls && { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' }),
    };
    // What the program itself gives comes first, and what nobody gives is the region's own.
    const found =
      client?.endpoint_url ??
      endpointUrl('s3', variables, config)?.value ??
      `https://s3.${config.profiles[profile]?.['region']}.amazonaws.com`;
    expect(found).toBe(output.endpointUrl);
  });

  // As the AWS CLI does: it names the section, and exits with 255.
  test('is not looked for elsewhere where the services section is missing', () => {
    const config = configOf('[default]\nservices = nono\nendpoint_url = https://global.example\n', 'default');
    expect(() => endpointUrl('s3', {}, config)).toThrow(/^config: .* "nono", which does not exist$/);
    // What goes before it is taken all the same.
    const variables = { AWS_ENDPOINT_URL: 'https://variable.example' };
    expect(endpointUrl('s3', variables, config)?.value).toBe('https://variable.example');
    expect(endpointUrl('s3', { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' }, config)).toBeUndefined();
  });

  test('may be left out of the services section', () => {
    const config = configOf(
      '[default]\nservices = mine\nendpoint_url = https://global.example\n[services mine]\n',
      'default',
    );
    expect(endpointUrl('s3', {}, config)?.value).toBe('https://global.example');
  });
});
