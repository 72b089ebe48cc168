// Fails if the registry knows a vulnerability in a package that ships: one in dist/sbom.cdx.json. A registry that does
// not take the question is reported, and no failure.
// Usage: npm run audit
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const { components } = JSON.parse(readFileSync(new URL('../dist/sbom.cdx.json', import.meta.url), 'utf8'));
const shipped = new Set(components.map(({ group, name }) => (group ? `${group}/${name}` : name)));

const { stdout, stderr } = spawnSync('npm', ['audit', '--json'], { cwd: root, encoding: 'utf8' });
const { vulnerabilities } = JSON.parse(stdout);
if (vulnerabilities === undefined) {
  console.log(`audit: not checked, the registry does not answer\n${stderr.trim()}`);
} else {
  const found = Object.values(vulnerabilities).filter(({ name }) => shipped.has(name));
  for (const { name, severity, range } of found) console.error(`audit: ${name} ${range}: ${severity}`);
  console.log(`audit: ${found.length} of ${shipped.size} packages that ship have known vulnerabilities`);
  process.exitCode = found.length > 0 ? 1 : 0;
}
