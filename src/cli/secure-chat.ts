#!/usr/bin/env node
/**
 * The command `secure-chat`. docs/office.md.
 * @module
 */
import { runProgram } from './program.ts';

// Not `process.exit`: what was written must reach its pipe.
process.exitCode = await runProgram(process.argv.slice(2));
