import manifest from '../package.json' with { type: 'json' };

/** The package's own name and version, as reports and `--version` give them. */
export const tool = { name: manifest.name, version: manifest.version } as const;
