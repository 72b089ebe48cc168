import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import { parse as parseDotenv } from 'dotenv';
import hcl from 'hcl2-parser';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { variablesOf } from '../../src/environment/credentials.ts';
import { deploymentFormats, formatNamed } from '../../src/environment/formats/formats.ts';
import { renderFormats } from '../../src/environment/formats/page.ts';
import { shellQuote } from '../../src/environment/formats/shell-quote.ts';
import { deployment, render, samples, writable } from './format-samples.ts';

describe('dotenv', () => {
  it('can hold nearly every value', () => {
    expect(writable.length).toBeGreaterThan(samples.length * 0.9);
    expect(writable.slice(0, 4)).toEqual(samples.slice(0, 4));
  });

  it("reads the same with dotenv and with node's parser", () => {
    for (const sample of writable) {
      expect(parseDotenv(render('dotenv', sample))).toEqual(variablesOf(sample));
      expect({ ...parseEnv(render('dotenv', sample)) }).toEqual(variablesOf(sample));
    }
  });
});

/** A value that each format writes in another way. */
const special = { clientId: '1.2', clientSecret: `a"b'c`, signingSecret: '\\ $x `y`' };

it.each([
  [
    'shell',
    [
      "export SLACK_APP_CLIENT_ID='1.2'",
      `export SLACK_APP_CLIENT_SECRET='a"b'\\''c'`,
      "export SLACK_SECRET='\\ $x `y`'",
    ],
  ],
  ['docker', ['SLACK_APP_CLIENT_ID=1.2', `SLACK_APP_CLIENT_SECRET=a"b'c`, 'SLACK_SECRET=\\ $x `y`']],
  [
    'systemd',
    ['SLACK_APP_CLIENT_ID="1.2"', `SLACK_APP_CLIENT_SECRET="a\\"b'c"`, 'SLACK_SECRET="\\\\ \\$x \\`y\\`"'],
  ],
])('%s writes one line for each variable', (name, lines) => {
  expect(render(name, special)).toBe(`${lines.join('\n')}\n`);
});

it('compose gives the variables to each service, with dollar signs doubled', () => {
  const environment = {
    SLACK_APP_CLIENT_ID: '1.2',
    SLACK_APP_CLIENT_SECRET: `a"b'c`,
    SLACK_SECRET: '\\ $$x `y`',
  };
  expect(parseYaml(render('compose', special))).toEqual({
    'x-slack': environment,
    services: { server: { environment }, drain: { environment }, scheduler: { environment } },
  });
});

it.each(['kubernetes', 'kubernetes-patch'])('%s reads the same as YAML', (name) => {
  for (const sample of samples) {
    expect(parseYaml(render(name, sample))).toMatchObject({ stringData: variablesOf(sample) });
  }
});

it.each([
  ['dotenv', []],
  ['shell', ['. ./FILE']],
  ['docker', ['docker run --env-file FILE ...']],
  ['json', []],
  [
    'systemd',
    [
      'sudo systemctl daemon-reload',
      'sudo systemctl restart spacelift-server spacelift-drain spacelift-scheduler',
    ],
  ],
  ['compose', ['docker compose -f compose.yaml -f FILE up -d --force-recreate server drain scheduler']],
  [
    'kubernetes',
    [
      'kubectl create -f FILE',
      'kubectl rollout restart deployment -n infra spacelift-server spacelift-drain spacelift-scheduler',
    ],
  ],
  [
    'kubernetes-patch',
    [
      'kubectl patch secret sl.shared -n infra --type=merge --patch-file FILE',
      'kubectl rollout restart deployment -n infra spacelift-server spacelift-drain spacelift-scheduler',
    ],
  ],
  [
    'terraform-ecs',
    [
      'terraform apply -target=aws_secretsmanager_secret.slack_credentials',
      'spacelift-slack env --format aws-secret --out slack-secret.json',
      'aws secretsmanager put-secret-value --secret-id spacelift/slack-application --secret-string file://slack-secret.json',
      'rm slack-secret.json',
      'terraform apply',
    ],
  ],
  [
    'aws-secret',
    [
      'aws secretsmanager put-secret-value --secret-id spacelift/slack-application --secret-string file://FILE',
      'rm FILE',
      ...['server', 'drain', 'scheduler'].map(
        (service) =>
          `aws ecs update-service --cluster spacelift-SUFFIX --service ${service} --force-new-deployment`,
      ),
    ],
  ],
  [
    'cloudformation',
    ['spacelift-slack env --format cloudformation --merge config.json', './install.sh -c config.json'],
  ],
])('%s takes effect with these commands, which run in this order', (name, commands) => {
  const steps = formatNamed(name).takeEffect('FILE', { namespace: 'infra', secretName: 'sl.shared' });
  expect(steps.filter((step) => !step.startsWith('# '))).toEqual(commands);
});

it('the installer runs with the config.json that the credentials were merged into', () => {
  const steps = formatNamed('cloudformation').takeEffect('my/config.json', { ...deployment, merged: true });
  expect(steps.filter((step) => !step.startsWith('# '))).toEqual(['./install.sh -c my/config.json']);
});

it('a shell reads a file of another folder by its path', () => {
  expect(formatNamed('shell').takeEffect('/etc/slack.sh', deployment)[0]).toBe('. /etc/slack.sh');
});

it('only the format that names the variables holds no values', () => {
  expect(deploymentFormats.filter(({ holdsValues }) => !holdsValues).map(({ name }) => name)).toEqual([
    'terraform-ecs',
  ]);
});

it('a Kubernetes manifest is a whole Secret, a patch holds the values alone', () => {
  const [sample = { clientId: '', clientSecret: '', signingSecret: '' }] = samples;
  const place = { namespace: 'infra', secretName: 'sl.shared' };
  const [manifest, patch] = ['kubernetes', 'kubernetes-patch'].map((name) => {
    const text = deploymentFormats.find((form) => form.name === name)?.render(sample, place) ?? '';
    return { text, document: parseYaml(text) };
  });
  expect(manifest?.document).toEqual({
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    metadata: { name: 'sl.shared', namespace: 'infra' },
    stringData: variablesOf(sample),
  });
  expect(patch?.document).toEqual({ stringData: variablesOf(sample) });
  expect(patch?.text).toContain('kubectl patch secret sl.shared -n infra --type=merge --patch-file');
});

describe.each(['json', 'aws-secret'])('%s', (name) => {
  it('reads the same as JSON', () => {
    for (const sample of samples) expect(JSON.parse(render(name, sample))).toEqual(variablesOf(sample));
  });
});

it('cloudformation reads the same as JSON', () => {
  for (const { clientId, clientSecret, signingSecret } of samples) {
    expect(JSON.parse(render('cloudformation', { clientId, clientSecret, signingSecret }))).toEqual({
      slack_config: {
        enabled: true,
        client_id: clientId,
        client_secret: clientSecret,
        signing_secret: signingSecret,
      },
    });
  }
});

describe('terraform-ecs', () => {
  it('is HCL that names the variables, and holds no value', () => {
    const [sample = { clientId: '', clientSecret: '', signingSecret: '' }] = samples.slice(-10);
    const text = render('terraform-ecs', sample);
    for (const value of Object.values(sample)) expect(text).not.toContain(value);
    const arn = `\${${'aws_secretsmanager_secret.slack_credentials'}.arn}`;
    const [document, problem] = hcl.parseToObject(text);
    expect(problem).toBeNull();
    expect(document).toMatchObject({
      resource: {
        aws_secretsmanager_secret: { slack_credentials: [{ name: 'spacelift/slack-application' }] },
      },
      locals: [
        {
          slack_sensitive_env_vars: Object.keys(variablesOf(sample)).map((name) => ({
            name,
            valueFrom: `${arn}:${name}::`,
          })),
          slack_secret_arns: [arn],
        },
      ],
    });
  });
});

describe('every format', () => {
  it.each(deploymentFormats.map((format) => [format.name, format] as const))(
    '%s ends with one line break',
    (_name, format) => {
      const [sample = { clientId: '', clientSecret: '', signingSecret: '' }] = samples;
      expect(format.render(sample, deployment)).toMatch(/[^\n]\n$/);
    },
  );

  it('has a unique name', () => {
    const names = deploymentFormats.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('is in docs/env.md (npm run docs)', async () => {
    const page = await readFile(new URL('../../docs/env.md', import.meta.url), 'utf8');
    expect(page).toContain(`-->\n\n${renderFormats()}\n\n<!-- end of formats -->\n`);
  });
});

describe('a file with a name that a shell would split', () => {
  const file = "my $x/it's.env";
  const quoted = shellQuote(file);

  it.each([
    ['docker', `docker run --env-file ${quoted} ...`],
    ['compose', `docker compose -f compose.yaml -f ${quoted} up -d --force-recreate server drain scheduler`],
    ['kubernetes', `kubectl create -f ${quoted}`],
    ['aws-secret', `rm ${quoted}`],
    ['shell', `. ${quoted}`],
  ])('is quoted in the commands of %s', (name, command) => {
    expect(formatNamed(name).takeEffect(file, deployment)).toContain(command);
  });

  it('is not quoted in a unit of systemd, where only specifiers and wildcards are special', () => {
    const [, line] = formatNamed('systemd').takeEffect("/etc/my $x/50%i's*.env", deployment);
    expect(line).toBe("# EnvironmentFile=/etc/my $x/50%%i's\\*.env");
  });

  it('is in a unit of systemd under a folder to fill in, if it is relative, which systemd ignores', () => {
    const [, line] = formatNamed('systemd').takeEffect('slack.env', deployment);
    expect(line).toBe('# EnvironmentFile=/path/to/slack.env');
  });
});
