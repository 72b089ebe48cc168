import { visible } from '../../../text/visible.ts';
import { UserError } from '../../../user-error.ts';

/** Why a subcommand leaves some of the named events as they are. */
interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** The refusal of ids that no stored event has. */
export function unknownEvents(eventIds: readonly string[]): Refusal {
  return {
    code: 'event-unknown',
    message: `unknown ${eventIds.length === 1 ? 'event' : 'events'}: ${visible(eventIds.join(', '))}`,
    hint: 'Run serve events list, also with --state delivered. Delivered and discarded events are kept for 48 h after they arrived, dead letters for a week.',
  };
}

/** One error for all refusals; the first one gives it its code. */
export function refusal(first: Refusal, ...others: readonly Refusal[]): UserError {
  const all = [first, ...others];
  return new UserError(first.code, all.map(({ message }) => message).join('; '), {
    hint: all.map(({ hint }) => hint).join(' '),
    exitCode: 2,
  });
}
