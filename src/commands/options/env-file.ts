import { Option } from '@commander-js/extra-typings';

/** The option that names the env file. */
export const envFileOption = () =>
  new Option('--env-file <file>', 'read variables from this file (default: .env, if it exists)');
