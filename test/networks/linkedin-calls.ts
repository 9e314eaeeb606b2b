import { readConfig } from '../../server/config.ts';
import type { Part } from '../../server/networks/network.ts';

export const LINKEDIN_SETTINGS = readConfig({}).networks.linkedin;

export function linkedinPart(part: Partial<Part> = {}): Part {
  return {
    ...{ deliveryId: 'delivery', partNo: 1, text: 'Hello', key: 'key', frozenAt: new Date() },
    ...{ media: [], prepared: null, earlier: [] },
    ...part,
  };
}
