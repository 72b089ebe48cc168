import { expect, it } from 'vitest';
import { childEnvironment } from '../../src/environment/child-environment.ts';

it.each([
  'PATH',
  'HOME',
  'LANG',
  'LC_ALL',
  'XDG_RUNTIME_DIR',
  'KDE_FULL_SESSION',
  'DISPLAY',
  'BROWSER',
  'Path',
  'ProgramFiles',
  'ProgramFiles(x86)',
])('gives a child %s', (name) => {
  expect(childEnvironment({ [name]: 'value' })).toEqual({ [name]: 'value' });
});

it.each([
  'SLACK_SECRET',
  'AWS_SECRET_ACCESS_KEY',
  'NPM_TOKEN',
  'NODE_OPTIONS',
  'LD_PRELOAD',
  'GIT_DIR',
  'MY_PATH',
  'PATH_SECRET',
  'HOMEBREW_TOKEN',
  'XDG_',
  'LC_',
  'KDE_',
  'ProgramFiles(x64)',
])('keeps %s from a child', (name) => {
  expect(childEnvironment({ [name]: 'value', PATH: '/bin' })).toEqual({ PATH: '/bin' });
});
