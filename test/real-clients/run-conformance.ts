import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

const PROGRAM = path.join(
  import.meta.dirname,
  'node_modules/@modelcontextprotocol/conformance/dist/index.js',
);
const PATIENCE_MS = 250_000;

export interface Check {
  scenario: string;
  id: string;
  status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO';
  errorMessage?: string;
}

/**
 * Runs the MCP conformance suite and reads what it wrote, check by check: its exit code knows only whole runs.
 *
 * @param onOutput what the suite prints, for the command that asks for a person
 */
export async function runConformance(
  args: string[],
  onOutput: (text: string) => void = () => {},
): Promise<Check[]> {
  const outputDir = await mkdtemp(path.join(os.tmpdir(), 'grantcast-conformance-'));
  try {
    const child = spawn(process.execPath, [PROGRAM, ...args, '--output-dir', outputDir], {
      cwd: outputDir,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: PATIENCE_MS,
    });
    const told: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        told.push(text);
        onOutput(text);
      });
    }
    await new Promise((resolve) => child.once('close', resolve));
    const checks = await readChecks(outputDir);
    if (checks.length === 0) throw new Error(`no results: ${told.join('')}`);
    return checks;
  } finally {
    await rm(outputDir, { recursive: true, force: true });
  }
}

/** One folder per scenario, named for the command, the scenario and the time. */
async function readChecks(outputDir: string): Promise<Check[]> {
  const files = (await readdir(outputDir, { recursive: true })).filter((name) =>
    name.endsWith('checks.json'),
  );
  const perScenario = await Promise.all(
    files.map(async (file) => {
      const folder = path.basename(path.dirname(file));
      const scenario = folder
        .replace(/^(?:authorization-server|server)-/, '')
        .replace(/-\d{4}-\d\d-\d\dT.*$/, '');
      const checks = JSON.parse(await readFile(path.join(outputDir, file), 'utf8')) as Check[];
      return checks.map(({ id, status, errorMessage }) => ({
        scenario,
        id,
        status,
        ...(errorMessage === undefined ? {} : { errorMessage }),
      }));
    }),
  );
  return perScenario.flat();
}
