import { describe, expect, it } from 'vitest';
import { HandledMemory } from '../../../src/server/relay/handled-memory.ts';
import { sign, signingKey, verify } from '../../../src/slack/signature.ts';
import { handledLifetime } from '../../../src/store/handled-requests.ts';

describe('HandledMemory', () => {
  const start = () => new HandledMemory({ requests: 3, bytes: 10, lifetimeMs: 100 });
  const response = (body: string) => Promise.resolve({ status: 200, body });

  it('remembers a response until its time is over', async () => {
    const memory = start();
    memory.add('a', response('one'), 0);
    expect(await memory.find('a', 99)).toEqual({ status: 200, body: 'one' });
    expect(memory.find('a', 100)).toBeUndefined();
  });

  it('forgets the oldest request when there are too many', async () => {
    const memory = start();
    for (const key of ['a', 'b', 'c', 'd']) memory.add(key, response(key), 0);
    expect(memory.find('a', 1)).toBeUndefined();
    expect(await memory.find('b', 1)).toEqual({ status: 200, body: 'b' });
  });

  it('remembers that a request was handled when there is no room for its body', async () => {
    const memory = start();
    memory.add('a', response('12345678'), 0);
    memory.add('b', response('1234'), 0);
    await memory.find('b', 1);
    expect(await memory.find('b', 1)).toEqual({ status: 200 });
    expect(await memory.find('a', 1)).toEqual({ status: 200, body: '12345678' });
  });

  it('keeps nothing but the bytes of a body that is part of a larger block of memory', async () => {
    const memory = start();
    const body = Buffer.alloc(65_536, 'a').subarray(0, 4);
    memory.add('a', Promise.resolve({ status: 200, body }), 0);
    await memory.find('a', 1);
    const remembered = (await memory.find('a', 1))?.body;
    expect(remembered).toEqual(Buffer.from('aaaa'));
    expect(Buffer.isBuffer(remembered) && remembered.buffer.byteLength).toBe(4);
  });

  it('counts headers too', async () => {
    const memory = start();
    memory.add('a', Promise.resolve({ status: 200, headers: { 'x-a': '123', 'x-b': ['4', '5'] } }), 0);
    await memory.find('a', 1);
    expect(await memory.find('a', 1)).toEqual({ status: 200 });
  });

  it('has room for as many bytes as its limit, and for a response without a body', async () => {
    const memory = start();
    memory.add('a', response('1234567890'), 0);
    memory.add('b', Promise.resolve({ status: 204 }), 0);
    await memory.find('a', 1);
    expect(await memory.find('a', 1)).toEqual({ status: 200, body: '1234567890' });
    expect(await memory.find('b', 1)).toEqual({ status: 204 });
  });

  it('does not keep room for a response that arrives after its request was forgotten', async () => {
    const memory = start();
    let arrive: (response: { status: number; body: string }) => void = () => undefined;
    const late = new Promise<{ status: number; body: string }>((resolve) => {
      arrive = resolve;
    });
    memory.add('a', late, 0);
    memory.add('b', response('1'), 100);
    expect(memory.find('a', 101)).toBeUndefined();
    arrive({ status: 200, body: '123456789' });
    await late;
    memory.add('c', response('123456789'), 102);
    await memory.find('c', 102);
    expect(await memory.find('c', 102)).toEqual({ status: 200, body: '123456789' });
  });

  it('uses the room of what it has forgotten', async () => {
    const memory = start();
    memory.add('a', response('12345678'), 0);
    await memory.find('a', 0);
    memory.add('b', response('87654321'), 101);
    expect(memory.find('a', 101)).toBeUndefined();
    await memory.find('b', 101);
    expect(await memory.find('b', 101)).toEqual({ status: 200, body: '87654321' });
  });

  it.each([
    ['a failure', () => Promise.reject(new Error('no response'))],
    ['a 500', () => Promise.resolve({ status: 500 })],
    ['a 503', () => Promise.resolve({ status: 503 })],
  ])('forgets %s, so that the request can be sent again', async (_name, respond) => {
    const memory = start();
    const failed = respond();
    memory.add('a', failed, 0);
    await failed.catch(() => undefined);
    await Promise.resolve();
    expect(memory.find('a', 1)).toBeUndefined();
  });
});

it('remembers a request for as long as its signature is valid', () => {
  const secret = 'a'.repeat(32);
  const [body, timestamp] = [Buffer.from('command=%2Fspacelift'), '1700000300'];
  const signed = { body, signatures: [sign(secret, timestamp, body)], timestamps: [timestamp] };
  const isValidAt = (milliseconds: number) =>
    verify(signed, [signingKey(secret)], Math.floor(milliseconds / 1000)).valid;
  const first = 1_700_000_000_000;
  expect([isValidAt(first - 1), isValidAt(first)]).toEqual([false, true]);
  expect([isValidAt(first + handledLifetime - 1), isValidAt(first + handledLifetime)]).toEqual([true, false]);
});
