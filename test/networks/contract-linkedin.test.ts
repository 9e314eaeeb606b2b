import { describeContract } from './contract.ts';
import { startLinkedinRig } from './linkedin-rig.ts';

const SHARED = {
  network: 'linkedin',
  expiry: 'reconnect',
  sameText: 'refused',
  takesDown: true,
} as const;

describeContract('LinkedIn, organisations', () => startLinkedinRig('organization'), {
  ...SHARED,
  guarantee: 'read_back',
  numbers: ['views', 'likes', 'comments', 'shares', 'clicks'],
});

describeContract('LinkedIn, members', () => startLinkedinRig('member'), {
  ...SHARED,
  guarantee: 'none',
  numbers: ['views', 'likes', 'comments', 'shares'],
});
