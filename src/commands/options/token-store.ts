import { Option } from '@commander-js/extra-typings';

export const tokenStoreOption = () =>
  new Option('--token-store <file>', 'the file for configuration tokens (default: in the state folder)');
