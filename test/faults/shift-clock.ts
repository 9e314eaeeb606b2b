/**
 * From now on the clock of this process is off by so much, as on a machine whose clock is wrong. What counts time from the
 * start (timers, performance.now) goes right on such a machine too.
 */
export function shiftClock(shiftMs: number): void {
  if (shiftMs === 0) return;
  const TrueDate = Date;
  const now = () => TrueDate.now() + shiftMs;
  globalThis.Date = new Proxy(TrueDate, {
    construct: (target, given: [], newTarget) =>
      Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget) as Date,
    apply: () => new TrueDate(now()).toString(),
    get: (target, name, receiver) =>
      name === 'now' ? now : (Reflect.get(target, name, receiver) as unknown),
  });
}
