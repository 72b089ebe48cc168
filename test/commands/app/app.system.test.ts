import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runInProcess } from '../../support/in-process.ts';
import { localSlack, type Step } from '../../support/local-slack.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** Each command, with the calls that it makes in order. */
const commands = {
  create: { args: ['create', '--write'], calls: ['validate', 'create'] },
  update: { args: ['update', '--yes'], calls: ['export', 'validate', 'update', 'export'] },
  export: { args: ['export'], calls: ['export'] },
  validate: { args: ['validate'], calls: ['validate'] },
  diff: { args: ['diff'], calls: ['export'] },
  delete: { args: ['delete', '--yes'], calls: ['export', 'delete'] },
} as const;
type Name = keyof typeof commands;
const names: Name[] = ['create', 'update', 'export', 'validate', 'diff', 'delete'];

/** Runs one command on a live app, with a step for the last call that it makes. */
async function runWith(name: Name, step?: Step, more: Readonly<Record<string, string>> = {}) {
  const { args, calls } = commands[name];
  // The second export of an update comes after the work; what may fail there is the update.
  const method = `apps.manifest.${name === 'update' ? 'update' : calls.at(-1)}`;
  const slack = await localSlack({ steps: step ? { [method]: [step] } : {} });
  const cwd = await temporaryFolder();
  const live = slack.workspace.addApp({ display_information: { name: 'Old' } });
  const needsId = name !== 'create' && name !== 'validate';
  const outcome = await runInProcess(
    ['--verbose', 'app', ...args, ...(needsId ? ['--app-id', live.id] : [])],
    {
      cwd,
      env: {
        XDG_STATE_HOME: join(cwd, 'state'),
        SPACELIFT_DOMAIN: 'spacelift.example.com',
        SLACK_API_URL: slack.url,
        SLACK_CONFIG_TOKEN: slack.workspace.configToken,
        ...more,
      },
    },
  );
  const shown = slack.workspace.secrets.filter((secret) =>
    (outcome.stdout + outcome.stderr).includes(secret),
  );
  expect(shown).toEqual([]);
  return {
    ...outcome,
    methods: slack.requests.map((request) => request.method.replace('apps.manifest.', '')),
  };
}

const everywhere = (failures: readonly (readonly [string, Step, RegExp])[]) =>
  names.flatMap((name) => failures.map((failure) => [name, ...failure] as const));

describe('each command', () => {
  it.each(names)('%s makes its calls and no other', async (name) => {
    const { code, methods } = await runWith(name);
    expect(code).toBe(name === 'diff' ? 1 : 0);
    expect(methods).toEqual(commands[name].calls);
  });

  it.each(
    everywhere([
      ['a rejection', { refuse: 'no_permission' }, /Slack returned no_permission\nhint: ./],
      [
        'an expired token',
        { refuse: 'token_expired' },
        /token_expired\nhint: Set SLACK_CONFIG_REFRESH_TOKEN/,
      ],
      ['an unknown word', { refuse: 'never_heard' }, /never_heard\nhint: Look the error up/],
      ['HTTP 500', { status: 500 }, /HTTP status 500\b/],
      ['a page', { status: 200, body: '<html>' }, /the response of \S+ is not Slack's/],
      ['a broken connection', { cut: 'before' }, /closed before a complete response/],
      ['half a response', { cut: 'middle' }, /closed before a complete response/],
      [
        'too long a rate limit',
        { rateLimited: 1000 },
        /for 1000 s\b.*(?:; Slack may have done it anyway)?\nhint: ./,
      ],
    ]),
  )('%s ends with 3 at %s', async (name, _, step, message) => {
    const { code, stdout, stderr } = await runWith(name, step);
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^ +at /m);
  });

  it.each(names)('%s waits out a short rate limit', async (name) => {
    const { code, stderr } = await runWith(name, { rateLimited: 1 });
    expect(code).toBe(name === 'diff' ? 1 : 0);
    expect(stderr).toContain('retrying in 1 s');
  });

  it.each(['create', 'update', 'delete'] as const)('%s says where it may have been done', async (name) => {
    const { stderr } = await runWith(name, { cut: 'after' });
    expect(stderr).toMatch(/Slack may have done it anyway\nhint: (Look|Run) /);
  });
});

it('says which of two tokens is in the way', async () => {
  const more = { SLACK_CONFIG_REFRESH_TOKEN: 'xoxe-1-x' };
  const { stderr } = await runWith('export', { refuse: 'token_expired' }, more);
  expect(stderr).toContain('hint: Unset SLACK_CONFIG_TOKEN');
});
