import { expect, it } from 'vitest';
import { exposureFindings, type FileExposure } from '../../src/environment/file-exposure.ts';

const of = (exposure: FileExposure) =>
  exposureFindings('deploy/prod.env', exposure).map(
    ({ check, severity, message, hint }) => `${severity} ${check}: ${message}. ${hint}`,
  );

it.each<[string, FileExposure]>([
  ['only its owner can read', { mode: 0o600, git: { state: 'outside' } }],
  ['its owner cannot even write', { mode: 0o400, git: { state: 'outside' } }],
  ['does not exist', { git: { state: 'outside' } }],
  ['git ignores', { mode: 0o600, git: { state: 'ignored' } }],
  ['git cannot tell about', { mode: 0o600, git: { state: 'unknown', reason: 'git could not be run here' } }],
])('finds nothing about a file that %s', (_, exposure) => {
  expect(of(exposure)).toEqual([]);
});

it.each([
  [0o644, '0644'],
  [0o640, '0640'],
  [0o604, '0604'],
  [0o601, '0601'],
  [0o610, '0610'],
  [0o066, '0066'],
])('warns about the mode %o', (mode, shown) => {
  expect(of({ mode, git: { state: 'outside' } })).toEqual([
    `warning env.file-mode: deploy/prod.env can be read by other users of this machine (mode ${shown}). Run: chmod 600 deploy/prod.env`,
  ]);
});

it('warns about a file that git tracks', () => {
  expect(of({ mode: 0o600, git: { state: 'tracked' } })).toEqual([
    expect.stringMatching(
      /^warning env\.file-tracked: deploy\/prod\.env is tracked by git: .* Run: git rm --cached deploy\/prod\.env, add the line prod\.env to \.gitignore/,
    ),
  ]);
});

it('warns about a file that git would add', () => {
  expect(of({ git: { state: 'uncovered' } })).toEqual([
    'warning env.file-tracked: no .gitignore covers deploy/prod.env: "git add" would add it. Add this line to .gitignore: prod.env',
  ]);
});

it('warns about both at once', () => {
  expect(of({ mode: 0o644, git: { state: 'tracked' } })).toHaveLength(2);
});
