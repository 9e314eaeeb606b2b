import { z } from 'zod';

export const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
export const httpUrl = z.url({ protocol: /^https?$/ });

/** Hosts or domains, comma-separated; none when unset. */
export const hostList = z
  .string()
  .default('')
  .transform((list) =>
    list
      .split(',')
      .map((host) => host.trim())
      .filter(Boolean),
  );
