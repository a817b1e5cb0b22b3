// What stands where something is to come: lines of about the same shape.

import { useWords } from './words.js'

export interface SkeletonProps {
  /** How many lines it has. Default 6. */
  readonly lines?: number
}

/** Of a list, or of any other card. */
export function Skeleton({ lines = 6 }: SkeletonProps) {
  const { loading } = useWords()
  return (
    <div class="card skeleton" aria-busy="true">
      <span class="unseen">{loading}</span>
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} class="skeleton-line" />
      ))}
    </div>
  )
}

/** Of a whole page, with its title. */
export function PageSkeleton() {
  return (
    <>
      <span class="skeleton-title" />
      <Skeleton />
    </>
  )
}
