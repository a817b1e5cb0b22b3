// Light or dark, as people have chosen in this browser; without a choice the system's holds.

export const THEME_PLACE = 'theme'

export function showChosenTheme(): void {
  try {
    const theme = localStorage.getItem(THEME_PLACE)
    if (theme === 'light' || theme === 'dark') document.documentElement.style.colorScheme = theme
  } catch {
    // A browser that keeps nothing for this site.
  }
}
