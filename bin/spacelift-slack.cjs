#!/usr/bin/env sh
':' //; exec node -- "$0" "$@"
// sh runs the line above, in which JavaScript sees a string and a comment; a formatter that adds a semicolon breaks it.
// Without `--` Node takes --env-file, and other options of ours that it knows, for itself wherever they stand.
const { main } = require('../dist/main.cjs');

main(process.argv.slice(2), process).then((code) => {
  process.exitCode = code;
});
