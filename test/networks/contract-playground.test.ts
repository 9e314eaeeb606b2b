import { describeContract } from './contract.ts';
import { startPlaygroundRig } from './playground-rig.ts';

describeContract('Playground', startPlaygroundRig, {
  network: 'playground',
  guarantee: 'exact',
  expiry: 'never',
  sameText: 'both',
  takesDown: true,
  numbers: ['views', 'likes'],
});
