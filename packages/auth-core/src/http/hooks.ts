// Hooks of the host: what they throw stays theirs.

/** Calls a hook of the host, which can neither delay nor break the answer. */
export function notify<Event, Request>(
  hook: (event: Event, request: Request) => unknown,
  event: Event,
  request: Request,
): void {
  try {
    Promise.resolve(hook(event, request)).catch(() => {})
  } catch {}
}
