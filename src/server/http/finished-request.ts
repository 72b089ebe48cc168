import type { AcknowledgementResult, Outcome, RequestSubject } from '../outcome.ts';
import type { RequestHeaders } from './headers.ts';

/** A request whose response has been sent: the source of its log line and its metrics. */
export interface FinishedRequest {
  readonly id: string;
  /** 0: the connection was closed before there was a response. */
  readonly status: number;
  readonly milliseconds: number;
  readonly subject: RequestSubject;
  readonly outcome: Outcome;
  readonly headers: RequestHeaders;
  /** The client's address, if the status is 0 or at least 400. */
  readonly client: string | undefined;
  /** How its envelope was acknowledged, for a request that came through Socket Mode. */
  readonly acknowledgement?: AcknowledgementResult;
}
