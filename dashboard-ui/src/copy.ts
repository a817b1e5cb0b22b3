// Putting text on the clipboard, also where a page over plain http has no clipboard API.

/** @param source an element that shows the text. */
export async function copy(text: string, source: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    if (source instanceof HTMLTextAreaElement) source.select()
    else getSelection()?.selectAllChildren(source)
    return document.execCommand('copy')
  }
}
