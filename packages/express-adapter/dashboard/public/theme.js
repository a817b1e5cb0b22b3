// Chooses light or dark before anything is drawn, as people have chosen in the page; without a choice the system's holds.
try {
  const theme = localStorage.getItem('theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.style.colorScheme = theme
} catch {
  // A browser that keeps nothing for this site.
}
