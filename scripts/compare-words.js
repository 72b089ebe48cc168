// Compares the scopes and events that `manifest validate` knows with the types of Slack's SDK, and exits with 1 if the
// SDK has one that is missing here. `npm run compare-words` reads the installed SDK; with `-- --latest` it downloads the
// newest version, without installing it.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { loadModule } from './load-module.js';

const run = promisify(execFile);

/** Words of the SDK that no manifest can have. */
const notInManifests = new Set(['none']);

const scopes = await loadModule('src/manifest/slack-words/scopes.ts');
const events = await loadModule('src/manifest/slack-words/events.ts');
const knownScopes = new Set([
  ...scopes.botScopes,
  ...scopes.userOnlyScopes,
  ...scopes.legacyScopes.keys(),
  ...scopes.appLevelScopes,
]);
const knownEvents = new Set([...events.events, ...events.rejectedEvents]);

const latest = process.argv.includes('--latest');
const folder = latest ? await mkdtemp(join(tmpdir(), 'compare-words-')) : undefined;
try {
  const webApi = await packageFolder('@slack/web-api', folder);
  const types = await packageFolder('@slack/types', folder);
  const manifest = await readFile(join(webApi, 'dist/types/request/manifest.d.ts'), 'utf8');
  const sdkScopes = ['BotScope', 'UserScope', 'AppManifestLevelScopes'].flatMap((name) =>
    union(manifest, name),
  );
  const sdkEvents = [...union(manifest, 'ManifestEvent'), ...(await eventTypes(join(types, 'dist/events')))];
  const missing = [...report('scopes', sdkScopes, knownScopes), ...report('events', sdkEvents, knownEvents)];
  process.exitCode = missing.length > 0 ? 1 : 0;
} finally {
  if (folder) await rm(folder, { recursive: true });
}

/** The folder of a package: installed, or downloaded into the folder. */
async function packageFolder(name, into) {
  if (!into) return fileURLToPath(new URL(`../node_modules/${name}`, import.meta.url));
  const { stdout } = await run('npm', ['pack', `${name}@latest`, '--silent', '--pack-destination', into]);
  const target = await mkdtemp(join(into, 'package-'));
  await run('tar', ['-xzf', join(into, stdout.trim()), '-C', target]);
  return join(target, 'package');
}

/** The string literals of a union type. */
function union(text, name) {
  const [, members] = new RegExp(`type ${name} = ([^;]*);`).exec(text) ?? [];
  if (members === undefined) throw new Error(`the SDK has no type ${name} any more`);
  return [...members.matchAll(/'([^']+)'/g)].map(([, word]) => word);
}

/** The types of the events, which each event's interface declares at its top. */
async function eventTypes(directory) {
  const files = (await readdir(directory)).filter((file) => file.endsWith('.d.ts'));
  const texts = await Promise.all(files.map((file) => readFile(join(directory, file), 'utf8')));
  return texts.flatMap((text) => [...text.matchAll(/^ {4}type: '([^']+)';/gm)].map(([, word]) => word));
}

function report(kind, sdk, known) {
  const words = new Set(sdk.filter((word) => !notInManifests.has(word)));
  const missing = [...words].filter((word) => !known.has(word)).sort();
  const own = [...known].filter((word) => !words.has(word)).sort();
  console.log(`${kind}: ${words.size} in the SDK, ${missing.length} of them missing here`);
  for (const word of missing) console.log(`  missing: ${word}`);
  console.log(`  only here: ${own.join(', ')}`);
  return missing;
}
