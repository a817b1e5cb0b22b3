// Light, dark, or as the system is: kept in this browser. start.ts reads the choice before anything is drawn.

import { useState } from 'preact/hooks'
import { THEME_PLACE } from './chosen-theme.js'

const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

/** On the window, when people have chosen another one: what is drawn on a canvas is drawn anew. */
export const THEME_CHANGED = 'gosend-theme'

function chosen(): Theme {
  const { colorScheme } = document.documentElement.style
  return themes.find((one) => one === colorScheme) ?? 'system'
}

export function useTheme(): { readonly theme: Theme; next(): void } {
  const [theme, setTheme] = useState(chosen)
  return {
    theme,
    next() {
      const next = themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'system'
      document.documentElement.style.colorScheme = next === 'system' ? '' : next
      try {
        if (next === 'system') localStorage.removeItem(THEME_PLACE)
        else localStorage.setItem(THEME_PLACE, next)
      } catch {
        // It lasts as long as the page, then.
      }
      setTheme(next)
      dispatchEvent(new Event(THEME_CHANGED))
    },
  }
}
