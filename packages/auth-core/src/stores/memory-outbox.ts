// Events in memory, in the order in which they were committed, and who has read how far.

import { wallClock } from '../clocks.js'
import { deepFreeze } from '../frozen.js'
import type { EventOutbox, FoundEvent, OutboxEvent, OutboxQuery, OutgoingEvent } from '../outbox.js'

interface Consumer {
  position: number
  holder: string | null
  leasedUntil: number
}

export interface MemoryOutbox extends EventOutbox {
  write(events: readonly OutgoingEvent[]): void
  /** Takes from the events of a key what may be about a person. */
  strip(keyId: string): void
}

export function memoryOutbox(isKey: (id: string) => boolean): MemoryOutbox {
  let events: OutboxEvent[] = []
  let sequence = 0
  const reported = new Map<string, string>()
  const consumers = new Map<string, Consumer>()

  const write: MemoryOutbox['write'] = (outgoing) => {
    for (const event of outgoing) {
      if (isKey(event.keyId)) events.push(deepFreeze({ ...structuredClone(event), sequence: ++sequence }))
    }
  }

  const heldBy = (name: string, holder: string): Consumer | undefined => {
    const consumer = consumers.get(name)
    return consumer?.holder === holder ? consumer : undefined
  }

  return {
    write,
    strip(keyId) {
      events = events.map((event) =>
        event.keyId === keyId ? Object.freeze({ ...event, actor: null, data: Object.freeze({}) }) : event,
      )
      for (const [once, id] of reported) if (id === keyId) reported.delete(once)
    },
    append(found) {
      const fresh = found.filter(({ once, keyId }: FoundEvent) => {
        if (reported.has(once) || !isKey(keyId)) return false
        reported.set(once, keyId)
        return true
      })
      write(fresh.map(({ once, ...event }) => event))
      return fresh.length
    },
    list(query) {
      const found = events.filter((event) => isListed(event, query))
      return (query.order === 'asc' ? found : found.reverse()).slice(0, query.limit)
    },
    claim(name, holder, leaseMs) {
      const consumer = consumers.get(name) ?? { position: 0, holder: null, leasedUntil: 0 }
      const now = wallClock()
      if (consumer.holder !== null && consumer.holder !== holder && consumer.leasedUntil > now)
        return undefined
      consumers.set(name, { ...consumer, holder, leasedUntil: now + leaseMs })
      return consumer.position
    },
    acknowledge(name, holder, acknowledged, leaseMs) {
      const consumer = heldBy(name, holder)
      if (consumer === undefined) return false
      consumer.position = Math.max(consumer.position, acknowledged)
      consumer.leasedUntil = wallClock() + leaseMs
      if (leaseMs === 0) consumer.holder = null
      return true
    },
    consumers: () =>
      [...consumers]
        .map(([name, { position }]) => ({ name, position }))
        .sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name))),
    move(name, position) {
      const isKnown = consumers.has(name)
      if (position === null) consumers.delete(name)
      else consumers.set(name, { position, holder: null, leasedUntil: 0 })
      return isKnown
    },
    sweep(before, limit) {
      const acknowledged = Math.min(...[...consumers.values()].map(({ position }) => position))
      const old = new Set(
        events.filter(({ at, sequence }) => at < before && sequence <= acknowledged).slice(0, limit),
      )
      events = events.filter((event) => !old.has(event))
      return old.size
    },
  }
}

function isListed(event: OutboxEvent, query: OutboxQuery): boolean {
  const { projectId, keyId, type, actor, order, after } = query
  const { from = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY } = query
  return (
    (projectId === undefined || event.projectId === projectId) &&
    (keyId === undefined || event.keyId === keyId) &&
    (type === undefined || event.type === type) &&
    (actor === undefined || event.actor === actor) &&
    event.at >= from &&
    event.at < until &&
    (after === undefined || (order === 'asc' ? event.sequence > after : event.sequence < after))
  )
}
