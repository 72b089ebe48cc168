import { Option } from '@commander-js/extra-typings';

/** @param what the result that is written, as in "the report" */
export const outOption = (what: string) =>
  new Option('--out <file>', `write ${what} to a file instead of stdout`);

export const forceOption = () => new Option('--force', 'let --out overwrite a file with other content');
