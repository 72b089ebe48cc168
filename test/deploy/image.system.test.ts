import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cp, mkdir, readFile, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DockerfileParser, type JSONInstruction } from 'dockerfile-ast';
import { validate } from 'dockerfile-utils';
import { describe, expect, it, onTestFinished } from 'vitest';
import { need } from '../support/need.ts';
import { signingSecret } from '../support/serve.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const text = await readFile(join(root, 'Dockerfile'), 'utf8');
const dockerfile = DockerfileParser.parse(text);
const instructions = dockerfile.getInstructions();
/** Of the final stage. */
const finalStage = instructions.slice(
  instructions.findLastIndex((instruction) => instruction.getKeyword() === 'FROM') + 1,
);
const argumentsOf = (keyword: string): string =>
  finalStage.find((instruction) => instruction.getKeyword() === keyword)?.getArgumentsContent() ?? '';

describe('the Dockerfile', () => {
  it('passes the checks of dockerfile-utils', () => {
    expect(validate(text)).toEqual([]);
  });

  it('starts from images with exact versions', () => {
    const images = dockerfile.getFROMs().map((from) => from.getImage());
    expect(images.length).toBe(2);
    for (const image of images) expect(image).toMatch(/^node:\d+\.\d+\.\d+-bookworm-slim$/);
  });

  it('ends as a user without rights, and as one process that gets SIGTERM', () => {
    expect(argumentsOf('USER')).toBe('1000:1000');
    expect(argumentsOf('STOPSIGNAL')).toBe('SIGTERM');
    for (const keyword of ['ENTRYPOINT', 'CMD'])
      expect(JSON.parse(argumentsOf(keyword))).toBeInstanceOf(Array);
  });

  it('copies into the build only what .dockerignore lets through, which is what git has of it', async () => {
    const ignore = (await readFile(join(root, '.dockerignore'), 'utf8')).split('\n');
    const names = ignore.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    expect(names).not.toEqual([]);
    const git = await need('git');
    const { stdout } = await promisify(execFile)(git, ['ls-files', '--', ...names], { cwd: root });
    const tracked = new Set(stdout.split('\n').map((file) => file.split('/')[0]));
    expect(names.filter((name) => !tracked.has(name))).toEqual([]);
  });
});

it('the build stage builds the program from what .dockerignore lets through', async () => {
  const context = await temporaryFolder();
  const ignore = (await readFile(join(root, '.dockerignore'), 'utf8')).split('\n');
  for (const name of ignore.filter((line) => line.startsWith('!')).map((line) => line.slice(1))) {
    await cp(join(root, name), join(context, name), {
      recursive: true,
      filter: (path) => !path.endsWith('generated'),
    });
  }
  await symlink(join(root, 'node_modules'), join(context, 'node_modules'));
  await promisify(execFile)('npm', ['run', '--silent', 'build'], { cwd: context });
  const program = [join(context, 'bin/spacelift-slack.cjs'), 'manifest', '--domain', 'spacelift.example.com'];
  const { stdout } = await promisify(execFile)(process.execPath, ['--', ...program]);
  expect(JSON.parse(stdout)).toHaveProperty('display_information');
});

it('the final stage starts as an unprivileged user, is healthy, and ends on SIGTERM with 143', async () => {
  await need('root');
  const image = await temporaryFolder();
  await promisify(execFile)('chmod', ['755', image]);
  await assembleFinalStage(image);
  const app = join(image, argumentsOf('WORKDIR'));
  const state = join(image, 'var/lib/spacelift-slack');
  await promisify(execFile)('install', ['-d', '-o', '1000', '-g', '1000', '-m', '0700', state]);

  const [entry] = JSON.parse(argumentsOf('ENTRYPOINT'));
  const bin = join(image, 'bin');
  await mkdir(bin);
  await symlink(join(app, 'bin/spacelift-slack.cjs'), join(bin, entry));
  const serve = JSON.parse(argumentsOf('CMD')).map((argument: string) =>
    argument.replace(/0\.0\.0\.0:\d+/, '127.0.0.1:0'),
  );
  const child = spawn(join(bin, entry), serve, {
    cwd: app,
    uid: 1000,
    gid: 1000,
    env: {
      PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
      XDG_STATE_HOME: join(image, 'var/lib'),
      SLACK_SECRET: signingSecret,
    },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const admin = await readPrivateAddress(child);

  const check = argumentsOf('HEALTHCHECK');
  const command: readonly string[] = JSON.parse(check.slice(check.indexOf('[')));
  const health = (address: string) =>
    promisify(execFile)(
      process.execPath,
      command.slice(1).map((argument) => argument.replace('127.0.0.1:3001', address)),
    );
  await health(admin);
  const ended = new Promise((resolve) => child.on('close', resolve));
  child.kill('SIGTERM');
  expect(await ended).toBe(143);
  await expect(health(admin)).rejects.toMatchObject({ code: 1 });
});

/** Copies what the final stage copies; of the packages, those that the build stage keeps. */
async function assembleFinalStage(image: string): Promise<void> {
  const workdir = argumentsOf('WORKDIR');
  const copies = finalStage.filter((instruction) => instruction.getKeyword() === 'COPY') as JSONInstruction[];
  expect(copies.length).toBeGreaterThan(3);
  for (const copy of copies) {
    const paths = copy.getArguments().map((argument) => argument.getValue());
    const [target = '', ...sources] = [paths.at(-1) ?? '', ...paths.slice(0, -1)];
    for (const source of sources) {
      const name = relative('/src', source);
      const into = join(image, workdir, target, target.endsWith('/') ? name : '');
      await mkdir(dirname(into), { recursive: true });
      if (name === 'node_modules') await copyPackages(into);
      else await cp(join(root, name), into, { recursive: true });
    }
  }
}

async function copyPackages(into: string): Promise<void> {
  const { stdout } = await promisify(execFile)('npm', ['ls', '--all', '--omit=dev', '--parseable'], {
    cwd: root,
  });
  const packages = stdout
    .trim()
    .split('\n')
    .map((path) => relative(root, path))
    .filter((path) => path !== '');
  await mkdir(into);
  await promisify(execFile)('cp', ['-al', '--parents', ...packages, dirname(into)], { cwd: root });
}

function readPrivateAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stderr?.on('data', (data: Buffer) => {
      output += data;
      const [, address] = /"private":"([\d.:]+)"/.exec(output) ?? [];
      if (address !== undefined) resolve(address);
    });
    child.on('close', () => reject(new Error(output)));
  });
}
