// What is kept beside a collection, under names that are no paths, so that nothing finds it as a thing of the collection.

/** Who is let in and who left; removed things as they are shown, and as they were; files by the ids of their things; a switch. */
export const KEPT_BESIDE = ['members', 'removed', 'before', 'files', 'switch'] as const

export type KeptBeside = (typeof KEPT_BESIDE)[number]

/** @param name of the collection, or a pattern of names. */
export const besideOf = (kept: KeptBeside, name: string): string => `#${kept} ${name}`
