import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readFields, readFormFields } from '../../../src/server/webhook/form-fields.ts';
import { Reach } from '../../support/reach.ts';

/** Spellings of names that are read, and of others. */
const name = fc.constantFrom(
  ...readFields,
  ...['%63ommand', 'user%5Fid', 'user+id', 'text', '?command', '\ufeffcommand', 'command%', 'é', ''],
);
const piece = fc.constantFrom(
  '=',
  '&',
  '+',
  '?',
  ';',
  'x',
  'é',
  '\n',
  '%',
  '%zz',
  '%26',
  '%3D',
  '%FF',
  '%C3%A9',
);
const value = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(''));
/** Well-formed fields, and text between them that is not a field. */
const form = fc
  .array(
    fc.oneof(
      fc.tuple(name, value).map(([field, text]) => `${field}=${text}&`),
      name,
      value,
    ),
    {
      minLength: 10,
      maxLength: 20,
    },
  )
  .map((parts) => parts.join(''));

it('reads the same values as a parser that decodes every field', () => {
  const reach = new Reach<'read' | 'repeated'>();
  const valuesIn = (fields: URLSearchParams) => readFields.map((field) => fields.getAll(field));
  fc.assert(
    fc.property(form, (body) => {
      const values = valuesIn(new URLSearchParams(`&${body}`));
      expect(valuesIn(readFormFields(body))).toEqual(values);
      reach.count({
        read: values.some((each) => each.length > 0),
        repeated: values.some((each) => each.length > 1),
      });
    }),
    { numRuns: 3_000 },
  );
  expect(reach.below(0.05)).toEqual([]);
});

it('leaves out the fields that are not read', () => {
  expect([...readFormFields('text=%2F&command=%2Fspacelift&trigger_id=1.2').keys()]).toEqual(['command']);
});
