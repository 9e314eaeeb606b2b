// Whitespace and control characters are dropped or rewritten by browsers, a backslash counts as a slash.
const UNSAFE = /[\u0000-\u0020\u007f\\]/;
const MAX_LENGTH = 2048;

/** The path to go to after sign-in: one on this very server, or `/` for anything else. */
export function safeReturnTo(value: string | undefined, publicUrl: string): string {
  if (
    !value ||
    value.length > MAX_LENGTH ||
    !value.startsWith('/') ||
    value.startsWith('//') ||
    UNSAFE.test(value)
  ) {
    return '/';
  }
  try {
    const url = new URL(value, publicUrl);
    const path = `${url.pathname}${url.search}${url.hash}`;
    return url.origin === new URL(publicUrl).origin && !path.startsWith('//') ? path : '/';
  } catch {
    return '/';
  }
}
