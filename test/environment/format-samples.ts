import fc from 'fast-check';
import { type Credentials, variablesOf } from '../../src/environment/credentials.ts';
import { formatNamed } from '../../src/environment/formats/formats.ts';

/** The usual place. */
export const deployment = { namespace: 'spacelift', secretName: 'spacelift-shared' };

const named = [
  '8f74$22{x}',
  `a"b'c`,
  '#x',
  '2833563543.1341693891393',
  '8f742231b10e8888abcd99e0e0e085a5',
  'a\\',
];
const random = fc.sample(
  fc
    .string({ unit: fc.constantFrom(...printable(), 'é', '世', '🎉'), minLength: 1, maxLength: 40 })
    .filter((value) => value === value.trim() && value !== ''),
  { numRuns: 200, seed: 7 },
);
const values = [...named, ...named, ...random, 'a', 'b'];

/** All values, each in some place. */
export const samples: readonly Credentials[] = Array.from(
  { length: Math.floor(values.length / 3) },
  (_, index) => {
    const [clientId = '', clientSecret = '', signingSecret = ''] = values.slice(3 * index, 3 * index + 3);
    return { clientId, clientSecret, signingSecret };
  },
);

function printable(): string[] {
  return Array.from({ length: 0x7f - 0x20 }, (_, index) => String.fromCharCode(0x20 + index));
}

/** The text of a format, for the usual place. */
export function render(name: string, credentials: Credentials): string {
  return formatNamed(name).render(credentials, deployment);
}

/** What each format must hold. */
export const expected = (credentials: readonly Credentials[]) => credentials.map(variablesOf);

/** The dotenv format has no way to hold all three kinds of quotes at once, or some mixes of quote and backslash. */
export const writable = samples.filter((sample) => {
  try {
    return render('dotenv', sample) !== '';
  } catch {
    return false;
  }
});
