import type { Fault, SeenRequest } from './faults.ts';

/** One request that came through the proxy, and what became of it. */
export class Exchange {
  readonly request: SeenRequest;
  readonly fault: Fault;
  /** Whether the fault took effect: a reset after more bytes than there were does not. */
  struck: boolean;
  /** Whether the whole answer was sent to the client while it was there. */
  delivered = false;
  /** Bytes, with their heads, that went to the service, and those that went to the client. */
  readonly passed: { up: number; down: number } = { up: 0, down: 0 };
  /** The beginning of what the service answered, delivered or not. */
  answer = '';

  constructor(request: SeenRequest, fault: Fault) {
    this.request = request;
    this.fault = fault;
    this.struck = fault.kind === 'answer' || fault.kind === 'refuse' || fault.kind === 'handshake';
  }

  /** Notes that the fault took effect. */
  readonly strike = (): void => {
    this.struck = true;
  };
}
