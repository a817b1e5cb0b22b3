import { defineConfig } from 'vitepress'
import { CONTENTS } from '../contents.mjs'

/** Anchors as GitHub makes them, so that a link works in the repository and on the site. */
const slugify = (text) =>
  text
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-')

export default defineConfig({
  title: 'GoSend',
  description: 'API keys for your own app, and a stateful sandbox for any OpenAPI document',
  srcDir: '.staged',
  outDir: 'dist',
  cacheDir: '.vitepress/cache',
  cleanUrls: true,
  lastUpdated: false,
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  // Pages as Markdown lie beside the pages, in `public`.
  srcExclude: ['public/**'],
  markdown: { anchor: { slugify }, theme: { light: 'github-light', dark: 'github-dark' } },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Start', link: '/start/sandbox' },
      { text: 'Keys', link: '/keys/' },
      { text: 'Sandbox', link: '/sandbox/' },
      { text: 'Reference', link: '/reference/gosend-mock' },
    ],
    sidebar: CONTENTS.map(({ name, entries }) => ({
      text: name,
      collapsed: !['Start', 'Guides: servers', 'Switching'].includes(name),
      items: entries.map(([path, text]) => ({ text, link: `/${path}` })),
    })),
  },
})
