import { within } from '../../net/time-limit.ts';
import type { ReceivedEvent, Store } from '../../store/store.ts';
import { type Handled, type HttpRequest, json } from '../http/route.ts';
import type { PayloadOf } from './slack-payload.ts';
import { timeLeft } from './slack-webhook.ts';

/**
 * Stores an event, then acknowledges it. If it cannot be stored, the response is 503, so that Slack sends it again.
 *
 * @param queueing the headers to forward the event with, and the limit of the queue; without them it is not forwarded
 */
export async function storeEvent(
  request: HttpRequest,
  event: PayloadOf<'event'>,
  store: Store,
  queueing?: Required<Pick<ReceivedEvent, 'delivery' | 'queueLimit'>>,
): Promise<Handled> {
  try {
    const recorded = await within(
      timeLeft(request),
      store.recordEvent({
        eventId: event.eventId,
        workspace: event.teamId ?? event.enterpriseId ?? '',
        type: event.type,
        body: request.body,
        ...queueing,
        ...(event.ends ? { ends: event.ends } : {}),
      }),
    );
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
    return { response: json(503, { error: 'store_unavailable' }), outcome: { kind: 'not-stored', error } };
  }
}
