import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Form } from '../../../src/server/http/form.ts';

/** Bodies in which every sign that means something in a form is likely. */
const bodies = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '&',
        '=',
        '+',
        '%',
        '%2',
        '%26',
        '%3D',
        '%C3%A9',
        '%c3',
        '%00',
        '%EF%BB%BF',
        'a',
        'b',
        'é',
        '😀',
        ' ',
        ';',
        '\u0000',
      ),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    { maxLength: 30 },
  )
  .map((parts) => Buffer.from(parts.join('')).toString());

it('reads what URLSearchParams reads', () => {
  fc.assert(
    fc.property(bodies, (body) => {
      // Of its own it would take a question mark at the beginning for the mark of a query.
      const right = new URLSearchParams(`&${body}`);
      const form = new Form(body);
      for (const name of new Set([...right.keys(), '', 'a', 'b'])) {
        expect(form.count(name)).toBe(right.getAll(name).length);
        expect(form.get(name)).toBe(right.get(name) ?? undefined);
      }
    }),
    { numRuns: 3000 },
  );
});
