import { expect, it } from 'vitest';
import {
  compareVariables,
  isSame,
  renderComparison,
  renderComparisonJson,
} from '../../src/environment/compare.ts';
import { noSettings } from '../../src/environment/settings.ts';

const compare = (inFile: string | undefined, inEnvironment: string | undefined) => {
  const name = 'SLACK_SECRET';
  const others = { SLACK_APP_CLIENT_ID: 'same', SLACK_APP_CLIENT_SECRET: 'same' };
  const environment: Record<string, string | undefined> = { ...others, [name]: inEnvironment };
  return compareVariables(inFile === undefined ? others : { ...others, [name]: inFile }, {
    ...noSettings,
    get: (variable) => {
      const value = environment[variable];
      return value === undefined ? undefined : { value, source: 'environment' };
    },
  });
};

it.each([
  ['a', 'a', 'same', 'same in both'],
  ['a', 'b', 'different', 'different'],
  [undefined, 'a', 'only-in-environment', 'missing in the file'],
  ['', 'a', 'only-in-environment', 'missing in the file'],
  ['a', undefined, 'only-in-file', 'missing in the environment'],
  [undefined, undefined, 'missing', 'missing in both'],
])('compares %j in the file with %j in the environment', (inFile, inEnvironment, status, words) => {
  const comparisons = compare(inFile, inEnvironment);
  expect(comparisons).toEqual([
    { name: 'SLACK_APP_CLIENT_ID', status: 'same' },
    { name: 'SLACK_APP_CLIENT_SECRET', status: 'same' },
    { name: 'SLACK_SECRET', status },
  ]);
  expect(isSame(comparisons)).toBe(status === 'same');
  expect(renderComparison(comparisons)).toBe(
    [
      'SLACK_APP_CLIENT_ID      same in both',
      'SLACK_APP_CLIENT_SECRET  same in both',
      `SLACK_SECRET             ${words}`,
      '',
    ].join('\n'),
  );
  const json = renderComparisonJson(comparisons);
  expect(JSON.parse(json)).toEqual({ same: status === 'same', variables: comparisons });
  expect(json).toMatch(/^\{\n {2}"same".*\}\n$/s);
});
