import { execFileSync } from 'node:child_process';
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { describe, expect, it } from 'vitest';
import { need } from '../support/need.ts';
import { launcher, runProgram } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const values = {
  SLACK_APP_CLIENT_ID: '2833563543.1341693891393',
  SLACK_APP_CLIENT_SECRET: 'c0ffee00c0ffee00c0ffee00c0ffee00',
  SLACK_SECRET: '8f742231b10e8888abcd99e0e0e085a5',
};
const secrets = [values.SLACK_APP_CLIENT_SECRET, values.SLACK_SECRET];

async function folderWith(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = await temporaryFolder();
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return folder;
}

const modeOf = async (file: string) => (await stat(file)).mode & 0o777;

describe('env in a CI job', () => {
  const inCi = { ...values, CI: 'true' };

  it('does not print the values', async () => {
    const { code, stdout, stderr } = await runProgram(['env'], { env: inCi });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('error: CI is set, and stdout may be the log of the job');
    expect(stderr).toContain('--out FILE');
    for (const secret of secrets) expect(stderr).not.toContain(secret);
  });

  it('writes them to a file, by --out or as stdout', async () => {
    const cwd = await folderWith();
    expect((await runProgram(['env', '--out', 'slack.env'], { cwd, env: inCi })).code).toBe(0);
    expect(parse(await readFile(join(cwd, 'slack.env'), 'utf8'))).toEqual(values);
    const command = `'${process.execPath}' '${launcher}' env > stdout.env`;
    execFileSync('sh', ['-c', command], {
      cwd,
      env: { PATH: process.env['PATH'], ...inCi },
      stdio: 'ignore',
    });
    expect(parse(await readFile(join(cwd, 'stdout.env'), 'utf8'))).toEqual(values);
  });

  it('prints them with --reveal, and masks them in the log of GitHub Actions', async () => {
    const revealed = await runProgram(['env', '--reveal'], { env: inCi });
    expect(parse(revealed.stdout)).toEqual(values);
    expect(revealed.stderr).not.toContain('::add-mask::');
    const onGithub = await runProgram(['env', '--reveal'], { env: { ...inCi, GITHUB_ACTIONS: 'true' } });
    expect(parse(onGithub.stdout)).toEqual(values);
    for (const secret of secrets) expect(onGithub.stderr).toContain(`::add-mask::${secret}\n`);
  });

  it('prints placeholders', async () => {
    expect((await runProgram(['env', '--placeholders'], { env: inCi })).code).toBe(0);
  });
});

describe('env', () => {
  it('prints whole values through a pipe, and what to do next on stderr', async () => {
    const { code, stdout, stderr } = await runProgram(['env'], { env: values });
    expect(code).toBe(0);
    expect(parse(stdout)).toEqual(values);
    expect(stderr).toContain('server, drain and scheduler');
    expect(stderr).toContain('Connect under Integrations > Slack');
    for (const secret of secrets) expect(stderr).not.toContain(secret);
  });

  it('takes - for stdout', async () => {
    const cwd = await folderWith();
    const { stdout } = await runProgram(['env', '--out', '-'], { cwd, env: values });
    expect(parse(stdout)).toEqual(values);
    expect(await readdir(cwd)).toEqual([]);
  });

  it('names the installer of CloudFormation only for the config.json that it takes', async () => {
    const args = ['env', '--format', 'cloudformation', '--out', 'slack.json'];
    const { stderr } = await runProgram(args, { cwd: await folderWith(), env: values });
    expect(stderr).toMatch(/--merge config\.json\n +\.\/install\.sh -c config\.json/);
    expect(stderr).not.toContain('-c slack.json');
  });

  it('takes the environment before the env file', async () => {
    const cwd = await folderWith({
      '.env': 'SLACK_SECRET=of-the-file-unused\nSLACK_APP_CLIENT_SECRET=of-the-file-used\n',
    });
    const { SLACK_APP_CLIENT_ID, SLACK_SECRET } = values;
    const { stdout } = await runProgram(['env', '--format', 'json'], {
      cwd,
      env: { SLACK_APP_CLIENT_ID, SLACK_SECRET },
    });
    expect(JSON.parse(stdout)).toEqual({ ...values, SLACK_APP_CLIENT_SECRET: 'of-the-file-used' });
  });

  it('takes stdin before both', async () => {
    const stdin = JSON.stringify({
      ok: true,
      credentials: { client_id: '1.2', signing_secret: 'piped-to-the-program' },
    });
    const { stdout } = await runProgram(['env', '--format', 'json', '--secrets-stdin'], {
      stdin,
      env: values,
    });
    expect(JSON.parse(stdout)).toEqual({
      ...values,
      SLACK_APP_CLIENT_ID: '1.2',
      SLACK_SECRET: 'piped-to-the-program',
    });
  });

  it.each([
    ['env', 'SLACK_SIGNING_SECRET=hush\n', 'no value for SLACK_APP_CLIENT_ID'],
    ['env', '{"clientId":"1.2"}', 'no value for SLACK_APP_CLIENT_ID'],
    ['trigger url-verification --url https://s.example.com', 'SLACK_APP_CLIENT_ID=1.2', 'for SLACK_SECRET'],
    ['init --no-input', 'TOKEN=xoxe.xoxp-1-hush', 'SLACK_CONFIG_REFRESH_TOKEN'],
  ])('%s --secrets-stdin refuses what it cannot use: %s', async (command, stdin, message) => {
    const args = [...command.split(' '), '--secrets-stdin'];
    const { code, stderr } = await runProgram(args, { stdin, env: values });
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
    expect(stderr).not.toContain('hush');
  });

  it('gives a hint for all values when several are wrong', async () => {
    const { code, stderr } = await runProgram(['env'], {
      env: {
        SLACK_APP_CLIENT_ID: values.SLACK_APP_CLIENT_SECRET,
        SLACK_APP_CLIENT_SECRET: values.SLACK_APP_CLIENT_ID,
        SLACK_SECRET: values.SLACK_SECRET,
      },
    });
    expect(code).toBe(2);
    expect(stderr).toBe(
      'error: SLACK_APP_CLIENT_ID looks like a secret; SLACK_APP_CLIENT_SECRET looks like a Client ID\n' +
        'hint: Set each to its value from Basic Information > App Credentials at https://api.slack.com/apps.\n',
    );
  });

  it('warns of odd shapes, and writes them unharmed', async () => {
    const odd = {
      ...values,
      SLACK_APP_CLIENT_SECRET: `8f742231b10e8888a"b'c`,
      SLACK_SECRET: '8f742231b10e8888$22{x}',
    };
    const { code, stdout, stderr } = await runProgram(['env'], { env: odd });
    expect(code).toBe(0);
    expect(parse(stdout)).toEqual(odd);
    expect(stderr).toContain('warning: SLACK_SECRET does not look like a Signing Secret');
    expect(stderr).not.toContain('8f74$');
  });

  it.each([
    ['a token', { SLACK_SECRET: 'xoxb-1-hush' }, 'SLACK_SECRET looks like a bot or user token'],
    ['the same secret twice', { SLACK_SECRET: values.SLACK_APP_CLIENT_SECRET }, 'have the same value'],
    ['an app ID', { SLACK_APP_CLIENT_ID: 'A012ABCDEFG' }, 'SLACK_APP_CLIENT_ID looks like an App ID'],
    ['a line break', { SLACK_SECRET: `${values.SLACK_SECRET}\n` }, 'space or a line break'],
    [
      'another name',
      { SLACK_SECRET: '', SLACK_SIGNING_SECRET: 'hush' },
      'SLACK_SIGNING_SECRET is set (environment), but Spacelift reads SLACK_SECRET',
    ],
  ])('refuses %s with what it looks like', async (_name, change, message) => {
    const cwd = await folderWith();
    const { code, stdout, stderr } = await runProgram(['env', '--write'], {
      cwd,
      env: { ...values, ...change },
    });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    for (const secret of [...secrets, 'hush']) expect(stderr).not.toContain(secret);
    expect(await readdir(cwd)).toEqual([]);
  });

  it('names what to pass if prompts are not possible', async () => {
    const { code, stdout, stderr } = await runProgram(['env', '--format', 'json']);
    expect(code).toBe(2);
    expect(JSON.parse(stdout).error.code).toBe('credentials-missing');
    for (const name of [...Object.keys(values), 'env file', '--secrets-stdin'])
      expect(stderr).toContain(name);
  });

  it('takes no secret as an option', async () => {
    const { stdout } = await runProgram(['env', '--help']);
    expect(stdout.match(/--[a-z-]*(?:id|token|signing|client)[a-z-]*/g)).toBeNull();
  });

  it.each([
    [['--write', '--format', 'json'], '--write'],
    [['--merge', 'config.json'], '--merge'],
    [['--namespace', 'x'], '--namespace'],
    [['--format', 'kubernetes', '--namespace', 'X_y'], 'Kubernetes name'],
    [['--write', '--out', 'x'], '--out'],
    [['--force'], '--force'],
    [['--force', '--out', '-'], '--force'],
    [['--write', '--reveal'], '--reveal'],
    [['--out', 'x', '--reveal'], '--reveal'],
    [['--check', '.env', '--write'], '--check'],
    [['--format', 'helm'], '--format'],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await runProgram(['env', ...args], { env: values });
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});

describe('env --write', () => {
  it('merges into .env and prints nothing on stdout', async () => {
    const cwd = await folderWith({ '.env': '# mine\r\nexport A="1"\r\nSLACK_SECRET=old # x\r\nB=2' });
    await chmod(join(cwd, '.env'), 0o644);
    const { code, stdout, stderr } = await runProgram(['env', '--write'], { cwd, env: values });
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(await readFile(join(cwd, '.env'), 'utf8')).toBe(
      `# mine\r\nexport A="1"\r\nSLACK_SECRET=${values.SLACK_SECRET} # x\r\nB=2\r\nSLACK_APP_CLIENT_ID=${values.SLACK_APP_CLIENT_ID}\r\nSLACK_APP_CLIENT_SECRET=${values.SLACK_APP_CLIENT_SECRET}`,
    );
    expect(await modeOf(join(cwd, '.env'))).toBe(0o600);
    expect(stderr).toContain(
      'updated .env: SLACK_APP_CLIENT_ID added, SLACK_APP_CLIENT_SECRET added, SLACK_SECRET replaced',
    );
    expect(stderr).toContain('note: changed the mode of .env from 0644 to 0600');
    expect(await readdir(cwd)).toEqual(['.env']);
  });

  it('may read from the file that it writes', async () => {
    const cwd = await folderWith();
    expect(await runProgram(['env', '--write', 'sl.env'], { cwd, env: values })).toMatchObject({ code: 0 });
    const again = await runProgram(['env', '--env-file', 'sl.env', '--write', './sl.env'], { cwd });
    expect(again).toMatchObject({ code: 0 });
    expect(again.stderr).toContain('./sl.env is up to date');
    expect(parse(await readFile(join(cwd, 'sl.env')))).toEqual(values);
  });

  it('warns of git, with the line to add', async () => {
    await need('git');
    const cwd = await folderWith();
    const git = (...args: string[]) => execFileSync('git', args, { cwd, stdio: 'ignore' });
    git('init');
    const first = await runProgram(['env', '--write'], { cwd, env: values });
    expect(first.stderr).toContain('Add this line to .gitignore: .env');
    git('add', '.env');
    const second = await runProgram(['env', '--write'], { cwd, env: values });
    expect(second.stderr).toContain('warning: .env is tracked by git');
    git('rm', '--cached', '.env');
    await writeFile(join(cwd, '.gitignore'), '.env\n');
    const third = await runProgram(['env', '--write'], { cwd, env: values });
    expect(third.stderr).not.toContain('warning');
  });

  it('fails with 3 where it cannot write', async () => {
    const { code, stderr } = await runProgram(['env', '--write', 'missing/.env'], {
      cwd: await folderWith(),
      env: values,
    });
    expect(code).toBe(3);
    expect(stderr).toMatch(/^error: .*missing\/\.env cannot be written/m);
  });

  it('loses no line when several processes write at once', async () => {
    const cwd = await folderWith({ '.env': 'FIRST=1\n' });
    const runs = Array.from({ length: 4 }, (_, index) =>
      runProgram(['env', '--write'], { cwd, env: { ...values, SLACK_APP_CLIENT_ID: `1.${index}` } }),
    );
    expect((await Promise.all(runs)).map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    const { SLACK_APP_CLIENT_ID, ...others } = parse(await readFile(join(cwd, '.env')));
    expect(SLACK_APP_CLIENT_ID).toMatch(/^1\.[0-3]$/);
    expect(others).toMatchObject({ FIRST: '1', SLACK_SECRET: values.SLACK_SECRET });
    expect(await readdir(cwd)).toEqual(['.env']);
  });
});

describe('env --placeholders', () => {
  it('writes an example file, and needs no values', async () => {
    const cwd = await folderWith();
    const { code } = await runProgram(['env', '--placeholders', '--write', '.env.example'], { cwd });
    expect(code).toBe(0);
    expect(parse(await readFile(join(cwd, '.env.example')))).toEqual({
      SLACK_APP_CLIENT_ID: '<client id here>',
      SLACK_APP_CLIENT_SECRET: '<client secret here>',
      SLACK_SECRET: '<signing secret here>',
    });
  });

  it('is not taken for values afterwards', async () => {
    const { stdout } = await runProgram(['env', '--placeholders']);
    const { code, stderr } = await runProgram(['env', '--secrets-stdin'], { stdin: stdout });
    expect(code).toBe(2);
    expect(stderr).toContain('SLACK_SECRET still contains a placeholder');
  });
});

describe('env --out', () => {
  it('writes a file that only its owner can read, and overwrites another only when told to', async () => {
    const cwd = await folderWith();
    const run = (format: string, ...more: string[]) =>
      runProgram(['env', '--format', format, '--out', 'slack.yaml', ...more], { cwd, env: values });
    expect(await run('kubernetes')).toMatchObject({ code: 0, stdout: '' });
    expect(await modeOf(join(cwd, 'slack.yaml'))).toBe(0o600);
    const refused = await run('kubernetes-patch');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('--force');
    const forced = await run('kubernetes-patch', '--force');
    expect(forced.stderr).toContain(
      'kubectl patch secret spacelift-shared -n spacelift --type=merge --patch-file slack.yaml',
    );
  });

  it('needs no values for a form that holds none', async () => {
    const cwd = await folderWith();
    const run = await runProgram(['env', '--format', 'terraform-ecs', '--out', 'slack.tf'], { cwd });
    expect(run).toMatchObject({ code: 0 });
    expect((await modeOf(join(cwd, 'slack.tf'))) & 0o044).toBe(0o044);
  });
});

describe('env --format cloudformation --merge', () => {
  it('puts the block into an existing file', async () => {
    const cwd = await folderWith({ 'config.json': '{\n  "account": "1"\n}\n' });
    const args = ['env', '--format', 'cloudformation', '--merge', 'config.json'];
    const { code, stdout, stderr } = await runProgram(args, { cwd, env: values });
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain('./install.sh -c config.json');
    expect(JSON.parse(await readFile(join(cwd, 'config.json'), 'utf8'))).toEqual({
      account: '1',
      slack_config: {
        enabled: true,
        client_id: values.SLACK_APP_CLIENT_ID,
        client_secret: values.SLACK_APP_CLIENT_SECRET,
        signing_secret: values.SLACK_SECRET,
      },
    });
  });
});

describe('env --check', () => {
  const file = `SLACK_APP_CLIENT_ID=1.2\nSLACK_APP_CLIENT_SECRET=${values.SLACK_APP_CLIENT_SECRET}\n`;

  it('finds differences without showing values', async () => {
    const cwd = await folderWith({ '.env': file });
    const { code, stdout, stderr } = await runProgram(['env', '--check', '.env'], { cwd, env: values });
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /SLACK_APP_CLIENT_ID +different\n.*CLIENT_SECRET +same in both.*\nSLACK_SECRET +missing in the file/,
    );
    for (const secret of [...secrets, '1.2']) expect(stdout + stderr).not.toContain(secret);
  });

  it('does not compare a file with itself', async () => {
    const cwd = await folderWith({ '.env': file });
    expect(await runProgram(['env', '--check', '.env'], { cwd })).toMatchObject({ code: 1 });
  });

  it('passes where all three are the same', async () => {
    const cwd = await folderWith({ a: '' });
    await runProgram(['env', '--write', 'a'], { cwd, env: values });
    const { code, stdout } = await runProgram(['env', '--check', 'a', '--format', 'json'], {
      cwd,
      env: values,
    });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      same: true,
      variables: Object.keys(values).map((name) => ({ name, status: 'same' })),
    });
  });

  it('fails with 2 where there is no file', async () => {
    expect(await runProgram(['env', '--check', 'missing'], { env: values })).toMatchObject({ code: 2 });
  });
});
