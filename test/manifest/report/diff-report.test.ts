import { Chalk } from 'chalk';
import { expect, it } from 'vitest';
import { diffManifests } from '../../../src/manifest/diff.ts';
import { diffAsJson, diffAsText } from '../../../src/manifest/report/diff-report.ts';

const secret = '8f742231b10e8888abcd99ef1a2b3c4d';

it('no report of a difference shows a secret, whatever it is called', () => {
  const changes = diffManifests(
    {
      client_secret: 'hunter2',
      nested: { tokens: ['hunter2'], other: `x ${secret}` },
      settings: { interactivity: { request_url: `https://${secret}@a.example.com/` } },
      [secret]: 1,
    },
    { settings: { interactivity: { request_url: 'https://a.example.com/' } } },
  );
  const text = diffAsText(changes, { actual: 'a.json', wanted: 'a.example.com' }, new Chalk({ level: 0 }));
  for (const report of [text, diffAsJson(changes)]) {
    expect(report).not.toContain(secret);
    expect(report).not.toContain('hunter2');
    expect(report).toContain('client_secret');
    expect(report).toContain('https://a.example.com/');
  }
  expect(JSON.parse(diffAsJson(changes)).changes).toHaveLength(4);
});
