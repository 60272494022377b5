/** Traces by OpenTelemetry: the entry `@s3kit/core/otel`, which alone needs `@opentelemetry/api`. */
import {
  type Attributes,
  context,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import type { Connection } from './connection.ts';
import type { ErrorEvent, ReportedCall, RetryEvent } from './events.ts';
import { operationName } from './operation-name.ts';

/** How a connection is traced. */
export interface TraceOptions {
  /** Where spans go. @default the global provider */
  readonly tracerProvider?: TracerProvider;
}

/** The spans of a call that is under way. */
interface CallSpans {
  readonly span: Span;
  readonly attempts: Map<number, Span>;
}

/**
 * Traces a connection: a span for each call, such as `S3.PutObject`, a child of the active one; and below it one for each attempt.
 *
 * A read ends when the object has been read, or dropped. Nothing of the trace is sent to S3.
 *
 * @returns ends the tracing
 * @see {@link https://opentelemetry.io/docs/specs/semconv/object-stores/s3/}
 * @example
 * const connection = new S3Connection(config);
 * traceConnection(connection);
 */
export function traceConnection(connection: Connection, { tracerProvider }: TraceOptions = {}): () => void {
  const tracer = (tracerProvider ?? trace.getTracerProvider()).getTracer('@s3kit/core');
  const underWay = new WeakMap<ReportedCall, CallSpans>();

  const begin = (call: ReportedCall, headers: Readonly<Record<string, string>>, time: number): CallSpans => {
    const span = startCall(tracer, call, headers, connection.region, time);
    const spans = { span, attempts: new Map<number, Span>() };
    underWay.set(call, spans);
    return spans;
  };

  const endings = [
    connection.on('request', ({ call, attempt, time, headers }) => {
      const { span, attempts } = underWay.get(call) ?? begin(call, headers, time);
      attempts.set(attempt, startAttempt(tracer, call, attempt, span, time));
    }),
    connection.on('response', ({ call, attempt, time, status, requestId, hostId, timing, bytesReceived }) => {
      const span = underWay.get(call)?.attempts.get(attempt);
      span?.setAttributes(
        defined({
          'http.response.status_code': status,
          'aws.request_id': requestId,
          'aws.extended_request_id': hostId,
          'http.response.body.size': bytesReceived,
          's3kit.queued_ms': timing.queued,
          's3kit.connect_ms': timing.connect,
          's3kit.first_byte_ms': timing.firstByte,
        }),
      );
      if (status >= 400) span?.setStatus({ code: SpanStatusCode.ERROR });
      span?.end(time);
      underWay.get(call)?.attempts.delete(attempt);
    }),
    connection.on('retry', (event) => {
      const { call, delay, problem, time } = event;
      const spans = underWay.get(call);
      spans?.span.addEvent('retry', { 's3kit.delay_ms': delay, 's3kit.problem': problem }, time);
      endUnanswered(spans, event);
    }),
    connection.on('error', (event) => {
      const { call, message, code, requestId } = event;
      const spans = underWay.get(call);
      spans?.span.setAttributes(defined({ 'error.type': code ?? 'error', 'aws.request_id': requestId }));
      spans?.span.setStatus({ code: SpanStatusCode.ERROR, message });
      endUnanswered(spans, event);
    }),
    connection.on('end', ({ call, attempt, time, status }) => {
      const span = underWay.get(call)?.span;
      span?.setAttributes(
        defined({
          'http.response.status_code': status,
          'http.request.resend_count': attempt > 1 ? attempt - 1 : undefined,
        }),
      );
      span?.end(time);
    }),
  ];
  return () => {
    for (const end of endings) end();
  };
}

function startCall(
  tracer: Tracer,
  call: ReportedCall,
  headers: Readonly<Record<string, string>>,
  region: string,
  startTime: number,
): Span {
  const { host, port, searchParams } = placeOf(call);
  const method = operationName(call, headers);
  const number = searchParams.get('partNumber');
  const attributes = defined({
    'rpc.system': 'aws-api',
    'rpc.service': 'S3',
    'rpc.method': method,
    'server.address': host,
    'server.port': port,
    'cloud.region': region,
    'aws.s3.bucket': call.bucket,
    'aws.s3.key': call.key,
    'aws.s3.copy_source': headers['x-amz-copy-source'],
    'aws.s3.upload_id': searchParams.get('uploadId') ?? undefined,
    'aws.s3.part_number': number === null ? undefined : Number(number),
  });
  return tracer.startSpan(`S3.${method}`, { kind: SpanKind.CLIENT, attributes, startTime });
}

function startAttempt(
  tracer: Tracer,
  call: ReportedCall,
  attempt: number,
  parent: Span,
  startTime: number,
): Span {
  const { host, port } = placeOf(call);
  const attributes = defined({
    'http.request.method': call.method,
    'url.full': call.url,
    'server.address': host,
    'server.port': port,
    'http.request.body.size': call.bytes,
    'http.request.resend_count': attempt > 1 ? attempt - 1 : undefined,
  });
  return tracer.startSpan(
    call.method,
    { kind: SpanKind.CLIENT, attributes, startTime },
    trace.setSpan(context.active(), parent),
  );
}

/** Ends the span of an attempt that got no answer. One that got one is ended when the answer has been read. */
function endUnanswered(
  spans: CallSpans | undefined,
  { attempt, time, status, code }: RetryEvent | ErrorEvent,
): void {
  const span = spans?.attempts.get(attempt);
  if (span === undefined || status !== undefined) return;
  span.setAttribute('error.type', code ?? 'error');
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.end(time);
  spans?.attempts.delete(attempt);
}

function placeOf({ url }: ReportedCall): { host: string; port: number; searchParams: URLSearchParams } {
  const { hostname, port, protocol, searchParams } = new URL(url);
  return { host: hostname, port: Number(port) || (protocol === 'https:' ? 443 : 80), searchParams };
}

function defined(attributes: Record<string, string | number | undefined>): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}
