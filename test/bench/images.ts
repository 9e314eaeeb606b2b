import { createImageEngine } from '../../server/media/image-engine.ts';
import { planRendition } from '../../server/media/plan-rendition.ts';
import { findRules } from '../../server/networks/find-rules.ts';
import { photo } from '../media/pictures.ts';
import { median, printTarget } from './figures.ts';

const NETWORKS = ['x', 'linkedin', 'bluesky', 'instagram'];
const ROUNDS = 7;
const [WIDTH, HEIGHT] = [4000, 3000] as const;
const GOAL_MS = 1000;
const GOAL_MB = 300;

/** P12: from the bytes as they come to what each of four networks gets, as the product does it, processes running. */
export async function benchImages(): Promise<void> {
  const source = await photo(WIDTH, HEIGHT);
  let peakRssBytes = 0;
  await using engine = createImageEngine({
    observe: (usage) => (peakRssBytes = Math.max(peakRssBytes, usage.peakRssBytes)),
  });
  const prepare = async () => {
    const kept = await engine.normalise(source);
    const facts = { ...kept, byteCount: kept.bytes.byteLength };
    const plans = NETWORKS.map((network) => {
      const rules = findRules({ network })!;
      return planRendition(facts, rules, { focalX: 0.5, focalY: 0.5 })!;
    });
    await Promise.all(
      plans.filter(({ isUnchanged }) => !isUnchanged).map((plan) => engine.render(kept.bytes, plan)),
    );
  };
  // The first starts the processes.
  await prepare();
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const startedAt = performance.now();
    await prepare();
    times.push(performance.now() - startedAt);
  }
  const ms = median(times);
  const megabytes = peakRssBytes / 1e6;
  printTarget(
    'P12',
    `${(source.byteLength / 1e6).toFixed(1)} MB JPEG of 12 megapixels for ${NETWORKS.join(', ')}: median ${ms.toFixed(0)} ms of ${ROUNDS}, at most ${megabytes.toFixed(0)} MB in an image process`,
    `<= ${GOAL_MS} ms, <= ${GOAL_MB} MB`,
    ms <= GOAL_MS && megabytes <= GOAL_MB,
  );
}
