import { within } from '../../net/time-limit.ts';
import { NotInTime } from '../../store/group-commit.ts';
import type { ReceivedEvent, Store } from '../../store/store.ts';
import { type Handled, type HttpRequest, json } from '../http/route.ts';
import type { PayloadOf } from './slack-payload.ts';
import { timeLeft } from './slack-webhook.ts';

/**
 * Stores an event, then acknowledges it. If it cannot be stored in time, the response is 503, so that Slack sends it
 * again: if it was stored late, it is a duplicate then.
 *
 * @param queueing the headers to forward the event with, and the limit of the queue; without them it is not forwarded
 */
export async function storeEvent(
  request: HttpRequest,
  event: PayloadOf<'event'>,
  store: Store,
  queueing?: Required<Pick<ReceivedEvent, 'delivery' | 'queueLimit'>>,
): Promise<Handled> {
  const received = {
    eventId: event.eventId,
    workspace: event.teamId ?? event.enterpriseId ?? '',
    type: event.type,
    body: request.body,
    ...queueing,
    ...(event.ends ? { ends: event.ends } : {}),
  };
  const timeLimit = timeLeft(request);
  try {
    const recorded = await within(timeLimit, store.recordEvent(received, timeLimit));
    switch (recorded) {
      case 'stored':
        return { response: { status: 200 }, outcome: { kind: 'stored' } };
      case 'known':
        return { response: { status: 200 }, outcome: { kind: 'duplicate' } };
      case 'queue-full':
        return {
          response: json(503, { error: 'queue_full' }),
          outcome: { kind: 'queue-full', reason: 'the queue has reached --queue-limit' },
        };
    }
  } catch (error) {
    if (error instanceof NotInTime) {
      const reason = `cannot be stored in time: ${error.message}`;
      return { response: json(503, { error: 'overloaded' }), outcome: { kind: 'overloaded', reason } };
    }
    return { response: json(503, { error: 'store_unavailable' }), outcome: { kind: 'not-stored', error } };
  }
}
