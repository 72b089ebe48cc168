import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

interface Entry {
  readonly version?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

// npm writes what it can reach; from version 11 on, `npm ci` refuses a lock file without the rest.
it('locks the optional packages of every platform, so that npm ci works on each', () => {
  const { packages } = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')) as {
    packages: Readonly<Record<string, Entry>>;
  };

  const unlocked = Object.entries(packages).flatMap(([place, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name, range]) => {
        const version = nearest(packages, place, name)?.version;
        return version === undefined || (/^\d/.test(range) && version !== range);
      })
      .map(([name, range]) => `${place}: ${name}@${range}`),
  );

  expect(unlocked).toEqual([]);
});

/** What Node would find: the package beside this one, or in the nearest folder above. */
function nearest(packages: Readonly<Record<string, Entry>>, place: string, name: string): Entry | undefined {
  const found = packages[`${place}${place === '' ? '' : '/'}node_modules/${name}`];
  if (found || place === '') return found;
  return nearest(packages, place.slice(0, Math.max(0, place.lastIndexOf('/node_modules/'))), name);
}
