import { within } from '../../net/time-limit.ts';
import type { DeliveryHeaders } from '../../store/delivery-queue.ts';
import type { Store } from '../../store/store.ts';
import { type Handled, type HttpRequest, json } from '../http/route.ts';
import type { PayloadOf } from './slack-payload.ts';
import { timeLeft } from './slack-webhook.ts';

/**
 * Stores an event, then acknowledges it. If it cannot be stored, the response is 503, so that Slack sends it again.
 *
 * @param delivery the headers to forward the event with; without them it is not forwarded
 */
export async function storeEvent(
  request: HttpRequest,
  event: PayloadOf<'event'>,
  store: Store,
  delivery?: DeliveryHeaders,
): Promise<Handled> {
  try {
    const recorded = await within(
      timeLeft(request),
      store.recordEvent({
        eventId: event.eventId,
        workspace: event.teamId ?? event.enterpriseId ?? '',
        type: event.type,
        body: request.body,
        ...(delivery ? { delivery } : {}),
        ...(event.ends ? { ends: event.ends } : {}),
      }),
    );
    return { response: { status: 200 }, outcome: { kind: recorded === 'stored' ? 'stored' : 'duplicate' } };
  } catch (error) {
    return { response: json(503, { error: 'store_unavailable' }), outcome: { kind: 'not-stored', error } };
  }
}
