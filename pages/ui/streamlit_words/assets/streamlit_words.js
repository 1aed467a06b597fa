// What Streamlit's own widgets say becomes the reader's language: their menus and hints, and what screen readers tell of
// them. Texts are changed only where Streamlit writes them; those of the pages come translated.

const PLACES = [
  '[data-testid^="stDataFrame"]', '[class*="stDataFrame"]', '[data-testid="stElementToolbar"]', '[data-testid="stTooltipContent"]',
  '[role="listbox"]', '[role="dialog"]', '[data-testid^="stDateInput"]', '[data-testid^="stFileUploader"]',
  '[data-testid="stSkipToContent"]',
].join()
const NOT_THERE = 'canvas, [role="option"][data-key]' // what people wrote
const NAMES = ['aria-label', 'aria-valuetext', 'title', 'placeholder']
const GAP = '{}'

let now = ''
let words = new Map()
let phrases = []

export default function ({ data }) {
  if (data.language === now) return
  if (!now) {
    const seen = { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: NAMES }
    new MutationObserver((changes) => changes.forEach(changed)).observe(document.body, seen)
  }
  now = data.language
  words = new Map(data.words.filter(([said]) => !said.includes(GAP)))
  phrases = data.words.filter(([said]) => said.includes(GAP)).map(([said, ours]) => [pattern(said), ours])
  whole(document.body)
}

function changed({ type, target, attributeName, addedNodes }) {
  if (type === 'attributes') name(target, attributeName)
  else if (type === 'characterData') text(target)
  else addedNodes.forEach(whole)
}

function whole(node) {
  if (node.nodeType === Node.TEXT_NODE) return text(node)
  if (node.nodeType !== Node.ELEMENT_NODE) return
  for (const each of [node, ...node.querySelectorAll(NAMES.map((of) => `[${of}]`).join())]) NAMES.forEach((of) => name(each, of))
  const within = node.closest(PLACES) ? [node] : node.querySelectorAll(PLACES)
  for (const place of within) {
    const texts = document.createTreeWalker(place, NodeFilter.SHOW_TEXT)
    while (texts.nextNode()) text(texts.currentNode)
  }
}

function text(node) {
  const around = node.parentElement
  if (!around?.closest(PLACES) || around.closest(NOT_THERE)) return
  const ours = translated(node.data)
  if (ours !== node.data) node.data = ours
}

function name(element, of) {
  const said = element.getAttribute(of)
  if (!said || element.closest('canvas')) return
  const ours = translated(said)
  if (ours !== said) element.setAttribute(of, ours)
}

function translated(said) {
  const bare = said.trim()
  if (words.has(bare)) return said.replace(bare, words.get(bare))
  const [does, ...what] = bare.split(': ') // "Search: the table's own name"
  if (what.length && words.has(does)) return [words.get(does), ...what].join(': ')
  for (const [like, ours] of phrases) {
    const found = like.exec(bare)
    if (found) return ours.replace(GAP, () => found[1])
  }
  return said
}

function pattern(said) {
  const [before, after] = said.split(GAP).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${before}(.+)${after}$`, 's')
}
