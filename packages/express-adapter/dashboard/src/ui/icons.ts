// Line icons in a box of 24 by 24.

import { icons as shared } from '@gosend/dashboard-ui'

export const icons = {
  ...shared,
  key: 'M8 20a4 4 0 1 1 0-8 4 4 0 0 1 0 8Zm2.8-6.8L20 4m-4 4 3 3',
  usage: 'M4 20V10m5.3 10V4m5.4 16v-7M20 20V7',
  activity: 'M3 12h4l3-8 4 16 3-8h4',
  settings: 'M4 7h9m4 0h3M4 17h3m4 0h9M13 4.5v5M7 14.5v5',
  plus: 'M12 5v14M5 12h14',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  check: 'm5 12.5 4.5 4.5L19 7.5',
  back: 'M14.5 5.5 8 12l6.5 6.5',
  leave: 'M14 4h5v16h-5M4 12h11m-4-4 4 4-4 4',
  keyboard: 'M3 6h18v12H3zM7 10h.01M12 10h.01M17 10h.01M8 14h8',
  download: 'M12 4v11m-4-4 4 4 4-4M5 20h14',
  asc: 'M12 19V6m-5 5 5-5 5 5',
  desc: 'M12 5v13m5-5-5 5-5-5',
  system: 'M3 5h18v11H3zM8 20h8m-4-4v4',
  light:
    'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm0-13v2m0 14v2M3 12h2m14 0h2M5.6 5.6 7 7m10 10 1.4 1.4m0-12.8L17 7M7 17l-1.4 1.4',
  dark: 'M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5Z',
  page: 'M6 3h8l4 4v14H6zM14 3v4h4',
} as const
