import { describe, expect, it } from 'vitest';
import { createProgram } from '../../../src/cli/program.ts';
import {
  doctorCommand,
  type KnownDeployment,
  knownWays,
  manifestCommand,
  overridingVariables,
} from '../../../src/commands/output/command-lines.ts';
import { nextSteps, type Remaining } from '../../../src/commands/output/next-steps.ts';
import { usualDeployment } from '../../../src/environment/formats/format.ts';
import { deploymentFormats, formatNamed } from '../../../src/environment/formats/formats.ts';
import { commands } from '../../../src/main.ts';
import { wrapText } from '../../../src/text/wrap.ts';

const known: KnownDeployment = {
  domain: 'spacelift.example.com',
  webhookDomain: 'spacelift.example.com',
  way: 'public',
  appId: 'A0123456789',
  slackUrl: 'https://slack.com',
  envFile: '.env',
};

const variables = { format: formatNamed('dotenv'), file: '.env', deployment: usualDeployment };
const everything: Remaining = {
  update: { from: 'old.example.com', org: true },
  variables,
  relay: true,
  overriding: ['SLACK_SECRET'],
  doctor: 'stored',
  verification: true,
  installation: 'first',
};

const block = (more: KnownDeployment = {}, remaining: Remaining = everything) =>
  nextSteps({ ...known, ...more }, remaining).join('\n');

it('numbers what is left, from the variables to Connect', () => {
  const { overriding, update, ...usual } = everything;
  expect(block({}, usual)).toBe(`Next steps:
1. Pass the variables to Spacelift:
   Make the server, drain and scheduler read .env, then restart all three: they read it when they start.
2. Check that Slack can use it:
     spacelift-slack doctor --domain spacelift.example.com --app-id A0123456789
3. Have Slack verify the request URL: press Retry, or save it, on this page:
     https://api.slack.com/apps/A0123456789/event-subscriptions
4. Have a Spacelift admin press Connect under Integrations > Slack: only this installs the app in the workspace.`);
});

it('has no line if nothing is left', () => {
  expect(nextSteps(known, {})).toEqual([]);
});

describe('the relay', () => {
  it.each([
    ['public', 'slack.example.com', []],
    ['path-rule', 'slack.example.com', ['Have slack.example.com forward /webhooks/slack, and no other path']],
    [
      'relay',
      'slack.example.com',
      [
        'Start the relay on slack.example.com',
        'serve --upstream https://spacelift.example.com --trust-proxy',
      ],
    ],
    [
      undefined,
      'slack.example.com',
      ['A load balancer forwards', 'A relay runs behind TLS', 'serve --upstream'],
    ],
    [undefined, 'spacelift.example.com', []],
  ] as const)('is part of the steps where the way %s to %s requires it', (way, webhookDomain, texts) => {
    const steps = nextSteps({ ...known, way, webhookDomain }, { relay: true });
    expect(steps.length > 0).toBe(texts.length > 0);
    for (const text of texts) expect(steps.join('\n')).toContain(text);
  });

  it('with Socket Mode starts from its file, which is written first if there is none', () => {
    const way = 'socket-mode';
    const written = block({ way, relayFile: 'relay.env' });
    expect(written).toContain(
      'serve --socket-mode --upstream https://spacelift.example.com --env-file relay.env',
    );
    expect(written).not.toContain('--for relay');
    expect(written).not.toContain('verify the request URL');
    expect(block({ way })).toContain('https://api.slack.com/apps/A0123456789/general');
    expect(block({ way })).toContain('spacelift-slack env --for relay --env-file .env --out relay.env');
  });
});

describe('the command line of doctor', () => {
  it.each<[string, KnownDeployment, string]>([
    ['the env file if it is not .env', { envFile: 'slack.env' }, '--env-file slack.env'],
    [
      'the webhook domain if it differs',
      { webhookDomain: 'slack.example.com' },
      '--webhook-domain slack.example.com',
    ],
    ['the app', { appId: 'A9876543210' }, '--app-id A9876543210'],
    [
      "Slack's origin as it was passed",
      { slackApiUrl: 'https://slack-gov.com' },
      '--slack-api-url https://slack-gov.com',
    ],
    [
      'a name that a shell would split, quoted',
      { envFile: "it's mine.env" },
      `--env-file 'it'\\''s mine.env'`,
    ],
  ])('names %s', (_, more, words) => {
    expect(doctorCommand({ ...known, ...more })).toContain(words);
  });

  it('names neither .env nor a webhook domain that is the domain', () => {
    expect(doctorCommand({ ...known, appId: undefined })).toBe(
      'spacelift-slack doctor --domain spacelift.example.com',
    );
  });

  it('gets the app-level token from the file of the relay', () => {
    expect(doctorCommand({ ...known, way: 'socket-mode', relayFile: 'relay.env' })).toBe(
      '(set -a; . ./relay.env; spacelift-slack doctor --domain spacelift.example.com --socket-mode --app-id A0123456789)',
    );
  });

  it('leaves out what a relay does not need on a host that has only its file', () => {
    const relay: KnownDeployment = {
      ...known,
      way: 'socket-mode',
      relayFile: 'relay.env',
      hasRelayFileOnly: true,
    };
    expect(doctorCommand({ ...relay, appId: undefined })).toBe(
      'spacelift-slack doctor --domain spacelift.example.com --socket-mode --env-file relay.env --skip env.client-id,env.client-secret',
    );
  });

  it('comes with the variables of the shell that would have it test another app', () => {
    expect(
      overridingVariables({ A: 'other', B: 'same', C: '' }, { A: 'new', B: 'same', C: 'x', D: 'y' }),
    ).toEqual(['A']);
    expect(block()).toContain('This shell has other values of SLACK_SECRET');
    expect(block()).toMatch(/^ {5}unset SLACK_SECRET$/m);
    expect(block({}, { doctor: 'stored' })).not.toContain('unset');
  });

  it('comes with a remark if no env file holds the credentials', () => {
    expect(block({}, { doctor: 'not-stored' })).toContain("set this app's three variables");
  });
});

it("names the pages of GovSlack's settings", () => {
  const gov = block({ slackUrl: 'https://slack-gov.com' });
  expect(gov).toContain('https://api.slack-gov.com/apps/A0123456789/event-subscriptions');
  expect(gov).not.toContain('api.slack.com');
});

it('has an app that was created for another domain updated', () => {
  expect(
    block(),
  ).toContain(`1. The app A0123456789 was created for old.example.com. If it still has that domain, update it:
     spacelift-slack app update --domain spacelift.example.com --org --app-id A0123456789`);
});

it('has a permission change installed again', () => {
  const again = block({}, { installation: 'again' });
  expect(again).toContain('https://api.slack.com/apps/A0123456789/install-on-team');
});

const ways = [...knownWays, undefined];
const situations = deploymentFormats.flatMap((format) =>
  ways.flatMap((way) =>
    [known, { ...known, appId: undefined, envFile: "it's mine.env" }, { hasRelayFileOnly: true }].map(
      (deployment) => ({
        name: `${format.name}, ${way}`,
        lines: nextSteps(
          { ...deployment, way, webhookDomain: 'slack.example.com', doctorOptions: ['--ca', 'root.pem'] },
          { ...everything, variables: { format, file: "it's mine.env", deployment: usualDeployment } },
        ),
      }),
    ),
  ),
);

describe('every format', () => {
  it.each(deploymentFormats)('$name names the services to restart, and quotes its file', (format) => {
    const file = "it's mine.env";
    const steps = block({}, { variables: { format, file, deployment: usualDeployment } });
    for (const service of ['server', 'drain', 'scheduler']) expect(steps).toContain(service);
    const lines = steps.split('\n').filter((one) => one.includes('mine'));
    // The values of these go into a file that the operator has.
    const namesNoFile = ['json', 'terraform-ecs', 'cloudformation'].includes(format.name);
    expect(lines.length === 0).toBe(namesNoFile);
    // A unit of systemd is not read by a shell.
    const written =
      format.name === 'systemd' ? /=\/path\/to\/it's mine\.env$/ : /'(?:it|\.\/it)'\\''s mine\.env'/;
    for (const line of lines) expect(line).toMatch(written);
  });

  it('has no command that a screen of 40 columns breaks', () => {
    const lines = situations.flatMap(({ lines }) => lines).filter((line) => line.startsWith('     '));
    expect(lines.length).toBeGreaterThan(100);
    expect(lines.filter((line) => wrapText(line, 40) !== line)).toEqual([]);
  });
});

describe('every command line of this program', () => {
  const lines = new Set(
    situations.flatMap(({ lines }) =>
      lines.flatMap((line) => /spacelift-slack .*?(?=\)?$)/.exec(line)?.[0] ?? []),
    ),
  );

  it('is among the steps of some situation', () => {
    for (const name of ['doctor', 'serve', 'env', 'app update']) {
      expect([...lines].some((line) => line.startsWith(`spacelift-slack ${name} `))).toBe(true);
    }
  });

  it.each([...lines, manifestCommand(known, true)])('parses: %s', async (line) => {
    let ran = 0;
    const host = { stdout: process.stdout, stderr: process.stderr };
    const args = shellWords(line).slice(1);
    const program = await createProgram(commands, args, { ...process, ...host }, () => async () => {
      ran += 1;
    });
    await program.parseAsync(args, { from: 'user' });
    expect(ran).toBe(1);
  });
});

/** The words of a command line with single quotes, as a POSIX shell reads them. */
function shellWords(line: string): string[] {
  return [...line.matchAll(/(?:'[^']*'|\\.|[^\s'\\])+/g)].map(([word]) =>
    word.replaceAll(
      /'([^']*)'|\\(.)/g,
      (_, quoted: string | undefined, escaped: string | undefined) => quoted ?? escaped ?? '',
    ),
  );
}
