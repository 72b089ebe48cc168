const words = 'If this happens again, report it to the operator of the relay: request ';

/** The small print below a message of the relay, when there is no response of Spacelift that it can return. */
export function relayRemark(requestId: string): string {
  return `${words}${requestId}`;
}

/** The request id in the small print, if a response is the relay's own. */
export function findRelayRemark(body: string): string | undefined {
  const start = body.indexOf(words);
  return start < 0 ? undefined : /^[0-9a-f-]{36}/.exec(body.slice(start + words.length))?.[0];
}
