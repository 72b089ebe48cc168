// What each encrypted value is bound to: its row and its column. A value that is moved elsewhere does not open.

/** The context of an event's body. */
export function bodyContext(eventId: string): string {
  return `events/${eventId}/body`;
}

/** The context of the headers that an event is forwarded with. */
export function headersContext(eventId: string): string {
  return `events/${eventId}/headers`;
}

/** The context of an installation's tokens. */
export function tokensContext(id: string): string {
  return `installations/${id}/tokens`;
}
