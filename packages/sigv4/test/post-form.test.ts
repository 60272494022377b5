import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  checkContentLength,
  contentLengthRange,
  fieldEquals,
  fieldStartsWith,
  type PostCondition,
  type PostFormOptions,
  type ReceivedForm,
  SignatureError,
  Signer,
  signPostForm,
  type VerifiedPostForm,
  type VerifyPostOptions,
  verifyPostForm,
} from '../src/index.ts';
import examples from './vectors/s3-examples.json' with { type: 'json' };
import vectors from './vectors/s3-post-policy.json' with { type: 'json' };

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const decoded = (text: string): unknown => JSON.parse(Buffer.from(text, 'base64').toString());

describe('the forms of botocore', () => {
  test.each(vectors)('$name', (vector) => {
    const { credentials, region, timestamp, bucket, key, fields, expiresIn, expected } = vector;
    const conditions = vector.conditions as unknown as PostCondition[]; // JSON knows no tuples
    const date = new Date(timestamp);
    const signer = new Signer({ region, credentials });
    const form = signPostForm(signer, { bucket, key, fields: { ...fields }, conditions, expiresIn, date });
    // The layout of the JSON is botocore's own; so is its Base64, which is signed as it is.
    expect(JSON.parse(form.policy)).toEqual(expected.policyDocument);
    expect(decoded(form.fields['policy'] ?? '')).toEqual(expected.policyDocument);
    expect(signer.at({ date }).signature(expected.policyBase64)).toBe(expected.signature);
    const { policy: _, 'x-amz-signature': _signature, ...others } = expected.formFields;
    expect(form.fields).toMatchObject(others);
    expect(Object.keys(form.fields)).toEqual(Object.keys(expected.formFields));

    const secretFor = () => credentials.secretAccessKey;
    for (const sent of [form.fields, { ...expected.formFields }]) {
      const withType = {
        ...sent,
        ...(JSON.stringify(conditions).includes('Content-Type') && { 'Content-Type': 'image/png' }),
      };
      const received = { bucket, fields: Object.entries(withType), fileName: 'a.png' };
      expect(verifyPostForm(received, { secretFor, region, now: date })).toMatchObject({
        kind: 'post',
        accessKeyId: credentials.accessKeyId,
        key: key.replace(/\$\{filename\}/, 'a.png'),
        date,
      });
    }
  });
});

describe('the form of the S3 API Reference', () => {
  test.each(examples.filter(({ kind }) => kind === 'post-policy'))(
    '$name',
    ({ credentials, region, timestamp, expected }) => {
      const { policyBase64, formFields, signature } = expected;
      if (!(credentials && region && timestamp && policyBase64 && formFields))
        throw new Error('the vector is gone');
      const date = new Date(timestamp);
      expect(new Signer({ region, credentials }).at({ date }).signature(policyBase64)).toBe(signature);
      const fields = formFields.map(([name = '', value = '']) => [name, value] as const);
      const form = { bucket: 'sigv4examplebucket', fields, fileName: 'me.jpg' };
      const secretFor = () => credentials.secretAccessKey;
      expect(verifyPostForm(form, { secretFor, region, now: date })).toMatchObject({
        key: 'user/user1/me.jpg',
        signature,
      });
      expect(() =>
        verifyPostForm(form, { secretFor, region, now: new Date('2015-12-30T12:00:00Z') }),
      ).toThrow('Invalid according to Policy: Policy expired.');
    },
  );
});

// As S3 writes it.
const fileName = '$'.concat('{filename}');
const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'a secret that nobody may see' };
const date = new Date('2024-02-29T23:59:59.500Z');
const signer = new Signer({ region: 'eu-west-1', credentials });
const basic: PostFormOptions = { bucket: 'bkt', key: 'k', date };
const options: VerifyPostOptions = {
  secretFor: (id) => (id === credentials.accessKeyId ? credentials.secretAccessKey : undefined),
  region: 'eu-west-1',
  now: date,
};

const conditionsOf = (form: { policy: string }): unknown[] =>
  (JSON.parse(form.policy) as { conditions: unknown[] }).conditions;

describe('signPostForm', () => {
  test('every field has its condition, and the session token too', () => {
    const token = { ...credentials, sessionToken: 't/+=' };
    const form = signPostForm(signer, {
      ...basic,
      credentials: token,
      fields: { acl: 'private', 'x-amz-meta-é': '😀' },
    });
    expect(conditionsOf(form)).toEqual([
      { acl: 'private' },
      { 'x-amz-meta-é': '😀' },
      { bucket: 'bkt' },
      { key: 'k' },
      { 'x-amz-algorithm': 'AWS4-HMAC-SHA256' },
      { 'x-amz-credential': 'AKIAEXAMPLE/20240229/eu-west-1/s3/aws4_request' },
      { 'x-amz-date': '20240229T235959Z' },
      { 'x-amz-security-token': 't/+=' },
    ]);
    expect(Object.keys(form.fields)).toEqual([
      'acl',
      'x-amz-meta-é',
      'key',
      'x-amz-algorithm',
      'x-amz-credential',
      'x-amz-date',
      'x-amz-security-token',
      'policy',
      'x-amz-signature',
    ]);
    expect(form.policy).toMatch(/^[ -~]+$/);
    const secretFor = (_: string, given: string | undefined) =>
      given === 't/+=' ? credentials.secretAccessKey : undefined;
    const received = { bucket: 'bkt', fields: Object.entries(form.fields) };
    expect(verifyPostForm(received, { ...options, secretFor })).toMatchObject({ kind: 'post' });
  });

  test('every kind of condition, by its function and as S3 writes it', () => {
    const form = signPostForm(signer, {
      ...basic,
      key: 'up/a',
      fields: { acl: 'private', 'x-amz-meta-a': 'b' },
      conditions: [
        fieldEquals('acl', 'private'),
        fieldStartsWith('key', 'up/'),
        fieldStartsWith('Content-Type', ''),
        contentLengthRange(1, 1024),
        { 'x-amz-meta-a': 'b' },
        ['starts-with', '$success_action_redirect', 'https://example.com/'],
      ],
    });
    expect(conditionsOf(form).slice(0, 7)).toEqual([
      ['eq', '$acl', 'private'],
      ['starts-with', '$key', 'up/'],
      ['starts-with', '$Content-Type', ''],
      ['content-length-range', 1, 1024],
      { 'x-amz-meta-a': 'b' },
      ['starts-with', '$success_action_redirect', 'https://example.com/'],
      { bucket: 'bkt' },
    ]);
    expect(conditionsOf(form)).not.toContainEqual({ key: 'up/a' });
    expectTypeOf(fieldEquals).parameter(0).not.toEqualTypeOf<string>();
  });

  test.each([
    ['2024-03-01T00:59:59Z', {}],
    ['2024-03-01T00:00:00Z', { expiresIn: 1 }],
    ['2024-03-07T23:59:59Z', { expiresIn: 604_800 }],
  ])('expires at %s', (expiration, extra) => {
    expect(JSON.parse(signPostForm(signer, { ...basic, ...extra }).policy)).toMatchObject({ expiration });
  });

  test.each<[argument: string, error: new (message: string) => Error, extra: object]>([
    ['bucket', TypeError, { bucket: '' }],
    ['bucket', TypeError, { bucket: undefined }],
    ['key', TypeError, { key: '' }],
    ['key', TypeError, { key: 'a\ud83d' }],
    ['expiresIn', RangeError, { expiresIn: 0 }],
    ['expiresIn', RangeError, { expiresIn: 604_801 }],
    ['date', RangeError, { date: new Date('x') }],
    ['fields', TypeError, { fields: { acl: 1 } }],
    ['fields', TypeError, { fields: { Policy: 'x' } }],
    ['fields', TypeError, { fields: { file: 'x' } }],
    ['fields', TypeError, { fields: { 'a"b': 'x' } }],
    ['fields', TypeError, { fields: { acl: 'x', ACL: 'x' } }],
    ['fields', TypeError, { fields: { acl: '\ude00' } }],
    ['conditions', TypeError, { conditions: [['eq', 'acl', 'private']] }],
    ['conditions', TypeError, { conditions: [['equals', '$acl', 'private']] }],
    ['conditions', TypeError, { conditions: [['eq', '$acl', 'private', 1]] }],
    ['conditions', TypeError, { conditions: [['eq', '$acl']] }],
    ['conditions', TypeError, { conditions: ['acl'] }],
    ['conditions', TypeError, { conditions: [null] }],
    ['conditions', TypeError, { conditions: [{}] }],
    ['conditions', TypeError, { conditions: [{ acl: 1 }] }],
    ['conditions', TypeError, { conditions: [{ bucket: 'other' }] }],
    ['conditions: no field of the form meets', TypeError, { conditions: [{ acl: 'private' }] }],
    [
      'conditions: no field of the form meets',
      TypeError,
      { fields: { acl: 'a' }, conditions: [{ acl: 'b' }] },
    ],
    ['conditions: no field of the form meets', TypeError, { conditions: [['eq', '$key', 'other']] }],
    ['conditions: no field of the form meets', TypeError, { conditions: [['starts-with', '$key', 'other']] }],
    ['conditions', RangeError, { conditions: [contentLengthRange(2, 1)] }],
    ['conditions', RangeError, { conditions: [contentLengthRange(-1, 1)] }],
    ['conditions', RangeError, { conditions: [contentLengthRange(0, 1.5)] }],
  ])('%s is refused: %#', (argument, error, extra) => {
    const call = () => signPostForm(signer, { ...basic, ...extra });
    expect(call).toThrow(error);
    expect(call).toThrow(new RegExp(`^${argument}`));
  });
});

/** A form with a policy of any text, rightly signed. */
function formWith(policy: string, extra: Record<string, string> = {}): ReceivedForm {
  const context = signer.at({ date });
  const fields = {
    key: 'k',
    ...extra,
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': context.credential,
    'X-Amz-Date': context.amzDate,
    Policy: base64(policy),
    'X-Amz-Signature': context.signature(base64(policy)),
  };
  return { bucket: 'bkt', fields: Object.entries(fields) };
}

const always =
  '{"bucket":"bkt"},{"key":"k"},["starts-with","$x-amz-algorithm",""],["starts-with","$x-amz-credential",""],["starts-with","$x-amz-date",""]';
const policyOf = (conditions: string, expiration = '2024-03-01T00:00:00Z'): string =>
  `{"expiration":"${expiration}","conditions":[${always}${conditions === '' ? '' : `,${conditions}`}]}`;

const signedForm = (extra: Partial<PostFormOptions> = {}): ReceivedForm => ({
  bucket: 'bkt',
  fields: Object.entries(signPostForm(signer, { ...basic, ...extra }).fields),
});

const withField = (form: ReceivedForm, name: string, value: string | undefined): ReceivedForm => ({
  ...form,
  fields: [
    ...[...form.fields].filter(([other]) => other.toLowerCase() !== name.toLowerCase()),
    ...(value === undefined ? [] : [[name, value] as const]),
  ],
});

function errorOf(form: ReceivedForm, changed: Partial<VerifyPostOptions> = {}): SignatureError {
  try {
    verifyPostForm(form, { ...options, ...changed });
  } catch (error) {
    if (error instanceof SignatureError) return error;
    throw error;
  }
  throw new Error('the form was accepted');
}

function accepted(form: ReceivedForm): VerifiedPostForm {
  const verified = verifyPostForm(form, options);
  if (verified.kind === 'anonymous') throw new Error('the form is anonymous');
  return verified;
}

describe('verifyPostForm', () => {
  test('tells who signed, and what for', () => {
    expect(
      accepted(signedForm({ conditions: [contentLengthRange(1, 9), contentLengthRange(2, 10)] })),
    ).toEqual({
      kind: 'post',
      accessKeyId: 'AKIAEXAMPLE',
      date: new Date('2024-02-29T23:59:59Z'),
      region: 'eu-west-1',
      service: 's3',
      key: 'k',
      contentLengthRange: { minimum: 2, maximum: 9 },
      signature: expect.stringMatching(/^[0-9a-f]{64}$/),
      scope: '20240229/eu-west-1/s3/aws4_request',
    });
    expect(accepted(signedForm()).contentLengthRange).toBeUndefined();
  });

  test('a form without any signature is anonymous', () => {
    expect(verifyPostForm({ bucket: 'bkt', fields: [['key', 'k']] }, options)).toEqual({ kind: 'anonymous' });
  });

  test.each([
    ['operators and fields in any case', '["StArTs-WiTh","$X-AMZ-Meta-A","f"]', { 'x-amz-meta-a': 'foo' }],
    ['an empty prefix', '["starts-with","$acl",""]', { ACL: 'anything' }],
    ['a field that is not there, whose condition is empty', '["eq","$acl",""]', {}],
    [
      'a list of content types',
      '["starts-with","$Content-Type","image/"]',
      { 'Content-Type': 'image/png, image/jpeg' },
    ],
    ["S3's own escapes", '{"acl":"\\$a\\v\\\\$"}', { acl: '$a\v\\$' }],
    ['text beyond ASCII', '{"x-amz-meta-a":"é😀"}', { 'x-amz-meta-a': 'é😀' }],
    ['fields to ignore', '', { 'x-ignore-me': '1' }],
    ['sizes as text', '["content-length-range","1","2"]', {}],
  ])('accepts %s', (_, conditions, fields) => {
    expect(accepted(formWith(policyOf(conditions), fields)).kind).toBe('post');
  });

  const notMet = (condition: string): string =>
    `Invalid according to Policy: Policy Condition failed: ${condition}`;
  test.each<
    [
      name: string,
      code: string,
      message: string | RegExp,
      form: ReceivedForm,
      changed?: Partial<VerifyPostOptions>,
    ]
  >([
    [
      'an unknown access key',
      'InvalidAccessKeyId',
      /does not exist/,
      signedForm(),
      { secretFor: () => undefined },
    ],
    ['another secret', 'SignatureDoesNotMatch', /does not match/, signedForm(), { secretFor: () => 'x' }],
    [
      'another signature',
      'SignatureDoesNotMatch',
      /./,
      withField(signedForm(), 'x-amz-signature', '0'.repeat(64)),
    ],
    ['another policy', 'SignatureDoesNotMatch', /./, withField(signedForm(), 'policy', base64(policyOf('')))],
    ['another region', 'InvalidArgument', /region/, signedForm(), { region: 'us-east-1' }],
    ['another service', 'InvalidArgument', /service/, signedForm(), { service: 's3express' }],
    [
      'a credential that is none',
      'InvalidArgument',
      /Credential/,
      withField(signedForm(), 'x-amz-credential', 'x'),
    ],
    ['another day', 'InvalidArgument', /date/, withField(signedForm(), 'x-amz-date', '20240228T000000Z')],
    ['a date that is none', 'InvalidArgument', /X-Amz-Date/, withField(signedForm(), 'x-amz-date', 'today')],
    [
      'another algorithm',
      'InvalidArgument',
      /X-Amz-Algorithm/,
      withField(signedForm(), 'x-amz-algorithm', 'AWS4'),
    ],
    ['version 2', 'InvalidRequest', /AWS4-HMAC-SHA256/, withField(signedForm(), 'Signature', 'x')],
    ...['key', 'policy', 'X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Date', 'X-Amz-Signature'].map(
      (name): [string, string, RegExp, ReceivedForm] => [
        `no ${name}`,
        'InvalidArgument',
        new RegExp(`field named '${name}'`),
        withField(signedForm(), name, undefined),
      ],
    ),
    [
      'a field twice',
      'InvalidArgument',
      /exactly one/,
      { ...signedForm(), fields: [...signedForm().fields, ['KEY', 'k']] },
    ],
    [
      'an old policy',
      'AccessDenied',
      'Invalid according to Policy: Policy expired.',
      signedForm(),
      { now: new Date('2024-03-01T00:59:59Z') },
    ],
    [
      'another bucket',
      'AccessDenied',
      notMet('["eq", "$bucket", "bkt"]'),
      { ...signedForm(), bucket: 'other' },
    ],
    ['another key', 'AccessDenied', notMet('["eq", "$key", "k"]'), withField(signedForm(), 'key', 'other')],
    [
      'a missing field',
      'AccessDenied',
      notMet('["eq", "$acl", "private"]'),
      formWith(policyOf('{"acl":"private"}')),
    ],
    [
      'another prefix',
      'AccessDenied',
      notMet('["starts-with", "$acl", "p"]'),
      formWith(policyOf('["starts-with","$acl","p"]'), { acl: 'q' }),
    ],
    [
      'one content type of many',
      'AccessDenied',
      /content-type/,
      formWith(policyOf('["starts-with","$Content-Type","image/"]'), {
        'Content-Type': 'image/png,text/html',
      }),
    ],
    [
      'a field without a condition',
      'AccessDenied',
      'Invalid according to Policy: Extra input fields: acl',
      withField(signedForm(), 'acl', 'public-read'),
    ],
    [
      'a policy for any bucket',
      'AccessDenied',
      'Invalid according to Policy: Extra input fields: bucket',
      formWith(policyOf('').replace('{"bucket":"bkt"},', '')),
    ],
    [
      'a session token without a condition',
      'AccessDenied',
      /Extra input fields: x-amz-security-token/,
      withField(signedForm(), 'x-amz-security-token', 't'),
    ],
    ['no JSON', 'InvalidPolicyDocument', 'Invalid Policy: Invalid JSON.', formWith('{"expiration"')],
    ['a list', 'InvalidPolicyDocument', /not an object/, formWith('[]')],
    [
      'no expiration',
      'InvalidPolicyDocument',
      'Invalid Policy: Policy missing expiration.',
      formWith('{"conditions":[]}'),
    ],
    [
      'an expiration in capitals',
      'InvalidPolicyDocument',
      /missing expiration/,
      formWith(policyOf('').replace('expiration', 'EXPIRATION')),
    ],
    [
      'no conditions',
      'InvalidPolicyDocument',
      'Invalid Policy: Policy missing conditions.',
      formWith('{"expiration":"2024-03-01T00:00:00Z"}'),
    ],
    [
      'conditions that are no list',
      'InvalidPolicyDocument',
      /list/,
      formWith('{"expiration":"2024-03-01T00:00:00Z","conditions":{}}'),
    ],
    [
      'an expiration of another form',
      'InvalidPolicyDocument',
      /'expiration' value: 'Thu, 29 Feb'/,
      formWith(policyOf('', 'Thu, 29 Feb')),
    ],
    [
      'an expiration that is none',
      'InvalidPolicyDocument',
      /expiration/,
      formWith(policyOf('', '2024-13-01T00:00:00Z')),
    ],
    ...[
      '{}',
      '{"acl":1}',
      '["eq","acl","x"]',
      '["like","$acl","x"]',
      '["content-length-range",1]',
      '["content-length-range",2,1]',
      '["content-length-range",-1,1]',
      '1',
    ].map((condition): [string, string, RegExp, ReceivedForm] => [
      `the condition ${condition}`,
      'InvalidPolicyDocument',
      /Invalid Condition/,
      formWith(policyOf(condition)),
    ]),
  ])('refuses %s: %s', (_, code, message, form, changed) => {
    const error = errorOf(form, changed);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  test('text that is no Base64, or no UTF-8, is no policy', () => {
    for (const policy of ['%', base64('').concat('A'), Buffer.from([0x7b, 0xff, 0x7d]).toString('base64')]) {
      const signature = signer.at({ date }).signature(policy);
      const form = withField(withField(signedForm(), 'policy', policy), 'x-amz-signature', signature);
      expect(errorOf(form).code).toBe('InvalidPolicyDocument');
    }
  });

  test("the file's name is put into the key before the policy is looked at", () => {
    const form = signedForm({ key: `user/${fileName}` });
    expect(accepted({ ...form, fileName: "$&/../a'b" }).key).toBe("user/$&/../a'b");
    const narrow = withField(
      formWith(policyOf('').replace('{"key":"k"}', '["starts-with","$key","user/a"]')),
      'key',
      `user/${fileName}`,
    );
    expect(accepted({ ...narrow, fileName: 'ab' }).key).toBe('user/ab');
    expect(errorOf({ ...narrow, fileName: 'b' }).message).toContain('Policy Condition failed');
  });

  test('any field changed does not pass', () => {
    const sample = fc.record({ key: fc.string({ minLength: 1 }), meta: fc.string(), position: fc.nat() });
    fc.assert(
      fc.property(sample, ({ key, meta, position }) => {
        const form = signedForm({
          key: key.replaceAll('$', ''),
          fields: { 'x-amz-meta-a': meta },
          ...(key.replaceAll('$', '') === '' && { key: 'k' }),
        });
        expect(accepted(form).kind).toBe('post');
        const fields = [...form.fields];
        const [name = '', value = ''] = fields[position % fields.length] ?? [];
        expect(() => verifyPostForm(withField(form, name, `${value}!`), options)).toThrow(SignatureError);
      }),
    );
  });

  test('options are checked', () => {
    const secretFor = undefined as unknown as VerifyPostOptions['secretFor']; // as from plain JavaScript
    expect(() => verifyPostForm(signedForm(), { secretFor })).toThrow(/^options.secretFor/);
    expect(() => verifyPostForm(signedForm(), { ...options, now: new Date('x') })).toThrow(/^options.now/);
  });
});

describe('checkContentLength', () => {
  const range = { contentLengthRange: { minimum: 2, maximum: 4 } };

  test.each([2, 4])('%i bytes pass', (size) => {
    expect(() => checkContentLength(range, size)).not.toThrow();
  });

  test.each([
    [1, 'EntityTooSmall', { ProposedSize: '1', MinSizeAllowed: '2' }],
    [5, 'EntityTooLarge', { ProposedSize: '5', MaxSizeAllowed: '4' }],
  ])('%i bytes: %s', (size, code, details) => {
    expect(() => checkContentLength(range, size)).toThrow(
      expect.objectContaining({ code, status: 400, details }),
    );
  });

  test('a part of the file can be too large, but not too small', () => {
    expect(() => checkContentLength(range, 1, { complete: false })).not.toThrow();
    expect(() => checkContentLength(range, 5, { complete: false })).toThrow(SignatureError);
    expect(() => checkContentLength({ contentLengthRange: undefined }, 1e12)).not.toThrow();
  });
});
