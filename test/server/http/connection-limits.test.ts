import { expect, it } from 'vitest';
import { connectionLimits, sufficientDescriptors } from '../../../src/server/http/connection-limits.ts';

it('allows 2,000 connections, and 200 to the private listener, if there are enough file descriptors', () => {
  expect(connectionLimits(undefined)).toEqual({
    open: { all: 2_000, kept: 1_500, ofPeer: 500 },
    admin: { all: 200, kept: 150, ofPeer: 50 },
  });
  expect(connectionLimits(sufficientDescriptors)).toEqual(connectionLimits(undefined));
  expect(connectionLimits(sufficientDescriptors - 2).open.all).toBe(1_999);
});

it.each([128, 256, 1_024, 4_096])(
  'leaves 64 file descriptors for other work if there are %d',
  (descriptors) => {
    const { open, admin } = connectionLimits(descriptors);
    // Each relayed request needs a second connection.
    expect(2 * open.all + admin.all).toBeLessThanOrEqual(descriptors - 64);
  },
);

it('allows some connections with very few file descriptors', () => {
  expect(connectionLimits(32)).toMatchObject({ open: { all: 4 }, admin: { all: 4 } });
});
