// What `vite build element` makes of dashboard/src/element: one file without imports.

export const GosendKeys: unknown
