import ipaddr from 'ipaddr.js';

/** Under which an address is counted: a whole /64 of IPv6 is one, because one caller has all of it. */
export function addressKey(address: string): string {
  if (!ipaddr.isValid(address)) return 'unknown';
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv6 ? `${parsed.parts.slice(0, 4).join(':')}/64` : parsed.toString();
}
