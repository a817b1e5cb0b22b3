// Putting text on the clipboard, also where a page over plain http has no clipboard API.

export async function copy(text: string, source: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const selection = getSelection()
    if (selection === null) return false
    selection.selectAllChildren(source)
    return document.execCommand('copy')
  }
}
