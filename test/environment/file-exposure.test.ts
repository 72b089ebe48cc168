import { describe, expect, it } from 'vitest';
import {
  exposureFindings,
  type FileExposure,
  failureOf,
  type GitResult,
  gitStateOf,
} from '../../src/environment/file-exposure.ts';

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

describe('gitStateOf', () => {
  const yes: GitResult = { code: 0, stdout: '', stderr: '' };
  const no: GitResult = { code: 1, stdout: '', stderr: '' };
  const inside: GitResult = { code: 0, stdout: 'true\n', stderr: '' };
  const failed = (stderr: string): GitResult => ({ code: 128, stdout: '', stderr });
  const broken = failed('fatal: index file corrupt\nmore\n');

  const commands: Readonly<Record<string, string>> = {
    'rev-parse --is-inside-work-tree': 'rev-parse',
    '--literal-pathspecs ls-files --error-unmatch -- [a].env': 'ls-files',
    'check-ignore --quiet -- [a].env': 'check-ignore',
  };

  /** The state of a file, from the results of git's commands; a command that has none must not run. */
  const stateOf = (results: Readonly<Record<string, GitResult>>) =>
    gitStateOf('[a].env', async (...args) => {
      const result = results[commands[args.join(' ')] ?? ''];
      if (result === undefined) throw new Error(`git ${args.join(' ')} was not expected`);
      return result;
    });

  it.each<[string, Readonly<Record<string, GitResult>>, FileExposure['git']]>([
    ['tracks it', { 'rev-parse': inside, 'ls-files': yes }, { state: 'tracked' }],
    ['ignores it', { 'rev-parse': inside, 'ls-files': no, 'check-ignore': yes }, { state: 'ignored' }],
    ['would add it', { 'rev-parse': inside, 'ls-files': no, 'check-ignore': no }, { state: 'uncovered' }],
    [
      'knows no repository there',
      { 'rev-parse': failed('fatal: not a git repository (or any of the parent directories): .git\n') },
      { state: 'outside' },
    ],
    ['has no work tree there', { 'rev-parse': { ...yes, stdout: 'false\n' } }, { state: 'outside' }],
    [
      'does not trust the repository',
      {
        'rev-parse': failed("fatal: detected dubious ownership in repository at '/x'\nTo add an exception\n"),
      },
      { state: 'unknown', reason: "fatal: detected dubious ownership in repository at '/x'" },
    ],
    [
      'cannot be run',
      { 'rev-parse': { code: undefined, stdout: '', stderr: 'git could not be run here' } },
      { state: 'unknown', reason: 'git could not be run here' },
    ],
    [
      'cannot read its index',
      { 'rev-parse': inside, 'ls-files': broken },
      { state: 'unknown', reason: 'fatal: index file corrupt' },
    ],
    [
      'cannot read what it ignores',
      { 'rev-parse': inside, 'ls-files': no, 'check-ignore': broken },
      { state: 'unknown', reason: 'fatal: index file corrupt' },
    ],
  ])('says of a file that git %s', async (_, results, state) => {
    expect(await stateOf(results)).toEqual(state);
  });
});

describe('failureOf', () => {
  it.each([
    ['its exit code', { code: 128, killed: false }, { code: 128 }],
    ['that it took too long', { killed: true }, { code: undefined, stderr: 'git did not finish in time' }],
    ['that it is not there', { code: 'ENOENT' }, { code: undefined, stderr: 'git could not be run here' }],
    ['that it may not run', { code: 'EACCES' }, { code: undefined, stderr: 'git could not be run here' }],
  ])('knows of a git that failed %s', (_, error, failure) => {
    expect(failureOf(error)).toEqual(failure);
  });
});
