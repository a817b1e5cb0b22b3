// What a mock tells of itself, a line at a time, without a secret.

export interface Log {
  line(text: string): void
  warning(message: string): void
  error(error: unknown): void
  /** Rids later lines of secrets. Until the mock has keys, no client can have sent one. */
  redactWith(redact: (line: string) => string): void
}

export function createLog(onLog: (line: string) => void = () => {}): Log {
  let redact = (line: string): string => line
  const line = (text: string): void => onLog(redact(text))
  return {
    line,
    warning: (message) => line(`Warning: ${message}`),
    error: (error) =>
      line(`Error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
    redactWith(next) {
      redact = next
    },
  }
}
