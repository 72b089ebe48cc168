import { expect, it } from 'vitest';
import { schemaErrors } from '../../../src/manifest/schema/schema-errors.ts';

it('finds every error of a manifest, and none in a valid one', () => {
  expect(schemaErrors({ display_information: { name: '' }, icon: 1 })).toMatchObject([
    { keyword: 'additionalProperties', instancePath: '', params: { additionalProperty: 'icon' } },
    { keyword: 'minLength', instancePath: '/display_information/name', params: { limit: 1 } },
  ]);
  expect(schemaErrors({ display_information: { name: 'a' } })).toEqual([]);
});
