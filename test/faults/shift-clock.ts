// The first import of a worker of the campaign: its clock runs ahead or behind by FAULT_CLOCK_SHIFT_MS from then on, as on a
// machine whose clock is wrong. What counts time from the start (timers, performance.now) goes right on such a machine too.
const shiftMs = Number(process.env['FAULT_CLOCK_SHIFT_MS'] ?? 0);

if (shiftMs !== 0) {
  const TrueDate = Date;
  const now = () => TrueDate.now() + shiftMs;
  globalThis.Date = new Proxy(TrueDate, {
    construct: (target, given, newTarget) =>
      Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget) as Date,
    apply: () => new TrueDate(now()).toString(),
    get: (target, name, receiver) => (name === 'now' ? now : (Reflect.get(target, name, receiver) as unknown)),
  });
}
