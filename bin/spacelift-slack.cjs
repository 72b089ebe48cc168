#!/usr/bin/env sh
':' //; exec node -- "$0" "$@"
// sh runs the line above, in which JavaScript sees a string and a comment; a formatter that adds a semicolon breaks it.
// Without `--` Node takes --env-file, and other options of ours that it knows, for itself wherever they stand.
require('../dist/main.cjs').start(process);
