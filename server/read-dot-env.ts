/**
 * The npm scripts load this before the program: .env of the folder it is started in, under what the environment says
 * already. Not by Node's --env-file-if-exists: with --watch that fails while there is no such file.
 */
import { existsSync } from 'node:fs';

if (existsSync('.env')) process.loadEnvFile('.env');
