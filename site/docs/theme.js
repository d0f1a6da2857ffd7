// Light or dark before the first paint, as the playground keeps it.
{
  let chosen = null;
  try {
    chosen = localStorage.getItem('feedforward-theme');
  } catch {
    // pages opened from a folder may have no storage
  }
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.dataset.theme = chosen ?? (dark ? 'dark' : 'light');
}
