// Builds the program as one file that needs no Node: Node's single executable application, with libsql's binary inside.
// It is made for the platform that this runs on, as build/spacelift-slack, and started before the script ends.
// Usage: npm run executable
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';
import './compile-schemas.js';
import { nodeFolder } from './node-version.js';

const root = fileURLToPath(new URL('../', import.meta.url));
const major = Number(process.versions.node.split('.')[0]);
// Node 26 writes the executable itself; up to 24 that takes postject, which never got beyond alpha.
const node = major >= 26 ? process.execPath : join(nodeFolder('26'), 'node');
const program = join(root, 'build/spacelift-slack');

/** The module that takes the place of libsql's binary: it loads the copy inside the executable. */
const loadBinary = `
  const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
  const { tmpdir } = require('node:os');
  const { join } = require('node:path');
  const folder = mkdtempSync(join(tmpdir(), 'spacelift-slack-'));
  try {
    const file = join(folder, 'libsql.node');
    writeFileSync(file, Buffer.from(require('node:sea').getRawAsset('libsql.node')), { mode: 0o500 });
    process.dlopen(module, file);
  } finally {
    rmSync(folder, { recursive: true });
  }`;

const folder = await mkdtemp(join(tmpdir(), 'spacelift-slack-executable-'));

try {
  await mkdir(join(root, 'build'), { recursive: true });
  await bundle(join(folder, 'main.cjs'));
  await writeFile(join(folder, 'sea.json'), JSON.stringify(configuration()));
  run(node, ['--build-sea', join(folder, 'sea.json')]);
  await smokeTest();
  console.log(`${program}: ${((await stat(program)).size / 1e6).toFixed(0)} MB`);
} finally {
  await rm(folder, { recursive: true });
}

/** The whole program in one file: what an executable contains has nothing to load from. */
async function bundle(file) {
  const native = '\0libsql-binary';
  await build({
    cwd: root,
    input: 'executable',
    platform: 'node',
    external: (id) => /^(node:|pg-native$)/.test(id),
    checks: { ineffectiveDynamicImport: false },
    plugins: [
      {
        name: 'executable',
        resolveId: (id) => (id === 'executable' || id === native ? id : undefined),
        load(id) {
          if (id === 'executable') {
            return `import { start } from ${JSON.stringify(join(root, 'src/main.ts'))}; start(process);`;
          }
          return id === native ? loadBinary : undefined;
        },
        transform(code, id) {
          if (!id.endsWith('/libsql/promise.js')) return undefined;
          // biome-ignore lint/suspicious/noTemplateCurlyInString: this is libsql's source.
          const before = 'require(`@libsql/${target}`)';
          if (!code.includes(before)) throw new Error('libsql loads its binary in another way now');
          return code.replace(before, `require(${JSON.stringify(native)})`);
        },
      },
    ],
    output: {
      file,
      format: 'cjs',
      codeSplitting: false,
      minify: { mangle: false, compress: false, codegen: { removeWhitespace: true } },
    },
  });
}

function configuration() {
  const libsql = createRequire(createRequire(import.meta.url).resolve('libsql'));
  return {
    main: join(folder, 'main.cjs'),
    output: program,
    disableExperimentalSEAWarning: true,
    useCodeCache: true,
    // Options of Node come from nowhere but the program's own build.
    execArgvExtension: 'none',
    // Without it, Node takes --env-file for itself wherever it stands.
    execArgv: ['--'],
    assets: { 'libsql.node': libsql.resolve(`@libsql/${libsql('@neon-rs/load').currentTarget()}`) },
  };
}

/** A command, an option that Node has too, and `serve` with a store: each from a folder with nothing of ours. */
async function smokeTest() {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  expect(run(program, ['--version']) === `${version}\n`, '--version');
  const manifest = JSON.parse(run(program, ['manifest', '--domain', 'spacelift.example.com']));
  expect(manifest.display_information.name === 'Spacelift', 'manifest');
  const missing = spawnSync(program, ['env', '--env-file', 'missing.env'], { cwd: folder, encoding: 'utf8' });
  expect(missing.status === 2 && missing.stderr.includes('the env file missing.env'), '--env-file');

  const serve = spawn(
    program,
    ['serve', '--listen', '127.0.0.1:0', '--admin-listen', '127.0.0.1:0', '--store', 'sqlite:serve.db'],
    {
      cwd: folder,
      env: { PATH: process.env.PATH, SLACK_SECRET: '0123456789abcdef0123456789abcdef' },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let log = '';
  serve.stderr.on('data', (chunk) => {
    const started = log.includes('"listening"');
    log += chunk;
    if (!started && log.includes('"listening"')) serve.kill('SIGTERM');
  });
  const [code] = await once(serve, 'close');
  expect(code === 143, `serve: ${log}`);
}

function expect(holds, what) {
  if (!holds) throw new Error(`the executable failed: ${what}`);
}

function run(command, args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}: ${stderr}`);
  return stdout;
}
