// Bundles the program into dist/: our own code in a few chunks, so that a start reads few files and only
// those of the command that runs.
import { rm } from 'node:fs/promises';
import { build } from 'esbuild';
import './compile-schemas.js';

await rm(new URL('../dist/', import.meta.url), { recursive: true, force: true });
await build({
  absWorkingDir: new URL('..', import.meta.url).pathname,
  entryPoints: ['src/cli.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  legalComments: 'none',
  logLevel: 'warning',
});
