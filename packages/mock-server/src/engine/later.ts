// What may be there already: most requests have nothing to wait for, and to wait for nothing takes its time.

export type MaybeLater<Value> = Value | Promise<Value>

/** What comes of a value: at once, where the value is there. */
export const after = <Value, Result>(
  value: MaybeLater<Value>,
  next: (value: Value) => MaybeLater<Result>,
): MaybeLater<Result> => (value instanceof Promise ? value.then(next) : next(value))
