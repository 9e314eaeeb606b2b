import { describeContract } from './contract.ts';
import { startLinkedinRig } from './linkedin-rig.ts';

describeContract('LinkedIn, organisations', () => startLinkedinRig('organization'));
describeContract('LinkedIn, members', () => startLinkedinRig('member'));
