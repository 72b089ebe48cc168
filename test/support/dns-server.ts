import { createSocket } from 'node:dgram';
import { type Answer, AUTHORITATIVE_ANSWER, decode, encode } from 'dns-packet';
import { onTestFinished } from 'vitest';

/** The addresses of a name, or how its lookup fails. */
type Records = readonly string[] | 'SERVFAIL' | 'silence';

/** The records of each name, for both types or for each. */
export type Zone = Readonly<Record<string, Records | { readonly A: Records; readonly AAAA: Records }>>;

/**
 * A DNS server on 127.0.0.1, for one test. It responds NXDOMAIN for any other name.
 *
 * @returns its address, for `--dns`
 */
export async function dnsServer(zone: Zone, onFinished = onTestFinished): Promise<string> {
  const socket = createSocket('udp4');
  socket.on('message', (message, from) => {
    const query = decode(message);
    const [question] = query.questions ?? [];
    if (!question) return;
    const held = Object.hasOwn(zone, question.name) ? zone[question.name] : undefined;
    const records =
      typeof held === 'object' && 'A' in held ? held[question.type === 'AAAA' ? 'AAAA' : 'A'] : held;
    if (records === 'silence') return;
    const addresses = Array.isArray(records) ? records : [];
    const answers = addresses
      .filter((address) => address.includes(':') === (question.type === 'AAAA'))
      .map(
        (data): Answer => ({
          type: question.type === 'AAAA' ? 'AAAA' : 'A',
          name: question.name,
          ttl: 1,
          data,
        }),
      );
    const code = records === undefined ? 3 : records === 'SERVFAIL' ? 2 : 0;
    const response = encode({
      type: 'response',
      id: query.id ?? 0,
      flags: AUTHORITATIVE_ANSWER | code,
      questions: [question],
      answers: question.type === 'A' || question.type === 'AAAA' ? answers : [],
    });
    socket.send(response, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  onFinished(() => new Promise<void>((resolve) => socket.close(() => resolve())));
  return `127.0.0.1:${socket.address().port}`;
}
