// What may be there already: most requests have nothing to wait for, and to wait for nothing takes its time.

export type MaybeLater<Value> = Value | Promise<Value>
