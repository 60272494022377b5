import { checkContentLength, UNSIGNED_PAYLOAD } from '@s3kit/sigv4';
import type { VerifiedForm } from '../authenticate.ts';
import { authorizeHeaders, demandPermission } from '../authorize.ts';
import { type Context, requestBucket } from '../context.ts';
import { invalidArgument, s3Error } from '../errors.ts';
import { headerValue } from '../header-value.ts';
import { readForm } from '../multipart-form.ts';
import { metadataPrefix } from '../object-attributes.ts';
import { permissions } from '../permissions.ts';
import type { Reply } from '../reply.ts';
import { RequestBody } from '../request-body.ts';
import { checkKeyLength } from '../request-target.ts';
import type { Routes } from '../router.ts';
import { tagsFromDocument } from '../tags.ts';
import { document } from '../xml-documents.ts';
import { storeUpload } from './object-write.ts';

/** Form fields that S3 knows by another name than the header has. */
const headerOf: Readonly<Record<string, string>> = { acl: 'x-amz-acl' };

/** Fields that are about the form, and not about the object. */
const notHeaders =
  /^(key|policy|file|bucket|success_action_\w+|redirect|tagging|x-amz-(algorithm|credential|date|signature|security-token))$/;

/**
 * Takes an upload by a browser's form.
 *
 * @see {@link https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html}
 */
async function postObject(context: Context): Promise<Reply> {
  const type = context.headers['content-type'] ?? '';
  if (!/^multipart\/form-data\b/i.test(type)) {
    throw s3Error('PreconditionFailed', {
      members: { Condition: 'Bucket POST must be of the enclosure-type multipart/form-data' },
    });
  }
  const bucket = requestBucket(context);
  const form = await readForm(context.source(), type);
  const fields = new Map(form.fields.map(([name, value]) => [name.toLowerCase(), value]));
  const verified = context.verifyForm({ bucket: bucket.name, fields: form.fields, fileName: form.fileName });
  // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how a form asks for the file's name
  const key = verified.key ?? fields.get('key')?.replaceAll('${filename}', () => form.fileName);
  if (key === undefined || key === '') {
    throw s3Error('InvalidArgument', {
      message:
        "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
      members: { ArgumentName: 'key' },
    });
  }
  checkKeyLength(key);
  const headers = headersOf(fields, context);
  const posted: Context = {
    ...context,
    key,
    headers,
    caller: verified.caller,
    body: new RequestBody(() => form.file, headers, { payloadHash: UNSIGNED_PAYLOAD }, false),
  };
  const permission = permissions.get('PUT object');
  if (!permission) throw s3Error('AccessDenied');
  demandPermission(posted, permission, { bucket, key });
  authorizeHeaders(posted, { bucket, key });
  const version = await storeUpload(posted, bucket, 'ObjectCreated:Post', (data) =>
    withinRange(data, verified),
  );
  return answerOf(posted, bucket.name, fields, `"${version.etag}"`);
}

/** Ends the upload of a file that has another size than its policy allows. */
async function* withinRange(
  data: AsyncIterable<Uint8Array>,
  policy: Pick<VerifiedForm, 'contentLengthRange'>,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of data) {
    size += chunk.byteLength;
    checkContentLength(policy, size, { complete: false });
    yield chunk;
  }
  checkContentLength(policy, size);
}

/** @throws {S3Error} `InvalidArgument`: metadata of which no answer could tell, for no header has such a name */
function checkMetadataName(name: string): void {
  if (!name.startsWith(metadataPrefix) || /^[\w!#$%&'*+.^`|~-]+$/.test(name)) return;
  throw invalidArgument('Metadata must have the name of a header', name, '');
}

/**
 * The fields as the headers of a PUT would have them.
 *
 * @throws {S3Error} `InvalidArgument` for what no header can hold
 */
function headersOf(
  fields: ReadonlyMap<string, string>,
  { headers }: Context,
): Record<string, string | undefined> {
  const found: Record<string, string | undefined> = { host: headers['host'] };
  for (const [name, value] of fields) {
    if (notHeaders.test(name)) continue;
    checkMetadataName(name);
    found[headerOf[name] ?? name] = headerValue(name, value);
  }
  const tagging = fields.get('tagging');
  if (tagging !== undefined)
    found['x-amz-tagging'] = new URLSearchParams(tagsFromDocument(tagging, 10)).toString();
  return found;
}

function answerOf(
  { bucketUrl, key }: Context,
  bucket: string,
  fields: ReadonlyMap<string, string>,
  etag: string,
): Reply {
  const location = `${bucketUrl}/${encodeURIComponent(key)}`;
  const answer = { etag, location };
  const redirect = fields.get('success_action_redirect') ?? fields.get('redirect');
  if (redirect !== undefined && URL.canParse(redirect)) {
    const url = new URL(redirect);
    for (const [name, value] of Object.entries({ bucket, key, etag })) url.searchParams.set(name, value);
    return { status: 303, headers: { ...answer, location: url.href } };
  }
  const status = fields.get('success_action_status');
  if (status === '200') return { status: 200, headers: answer };
  if (status !== '201') return { status: 204, headers: answer };
  return {
    status: 201,
    headers: { ...answer, 'content-type': 'application/xml' },
    body: document({ PostResponse: { Location: location, Bucket: bucket, Key: key, ETag: etag } }),
  };
}

export const postObjectRoutes: Routes = { 'POST bucket': postObject };
