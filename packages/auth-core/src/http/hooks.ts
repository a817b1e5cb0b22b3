// Hooks of the host: what they throw stays theirs.

/** Calls a hook of the host, if there is one, which can neither delay nor break the answer. */
export function notify<Event, Request>(
  hook: ((event: Event, request: Request) => unknown) | undefined,
  event: Event,
  request: Request,
): void {
  if (hook === undefined) return
  try {
    Promise.resolve(hook(event, request)).catch(() => {})
  } catch {}
}
