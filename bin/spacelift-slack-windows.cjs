#!/usr/bin/env -S node --
// The same command for Windows, where the scripts that npm makes start what the first line names: there is no sh. On
// other systems sh is better, since not every env knows -S.
require('./spacelift-slack.cjs');
