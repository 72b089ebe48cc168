const words = 'If it stays so, show this to whoever runs the relay: request ';

/** The small print below what a relay says where Spacelift gave it no answer that it could pass on. */
export function relayRemark(requestId: string): string {
  return `${words}${requestId}`;
}

/** The id of the request where an answer is a relay's own, by its small print. */
export function findRelayRemark(body: string): string | undefined {
  const start = body.indexOf(words);
  return start < 0 ? undefined : /^[0-9a-f-]{36}/.exec(body.slice(start + words.length))?.[0];
}
