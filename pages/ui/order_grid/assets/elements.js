// Elements, made of text only.

const ICONS = {
  star: 'm12 17.3-5.6 3.4 1.5-6.4L3 10l6.5-.6L12 3.5l2.5 5.9 6.5.6-4.9 4.3 1.5 6.4z',
  bell: 'M12 22a2 2 0 0 0 2-2h-4a2 2 0 0 0 2 2zm6-6v-5c0-3.1-1.6-5.6-4.5-6.3V4a1.5 1.5 0 0 0-3 0v.7C7.6 5.4 6 7.9 6 11v5l-2 2v1h16v-1z',
}

export function element(tag, className, text) {
  const made = document.createElement(tag)
  if (className) made.className = className
  if (text !== undefined) made.textContent = text
  return made
}

/** The text of an element; the same text again costs nothing. */
export function write(place, text) {
  if (place.textContent !== text) place.textContent = text
}

export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('aria-hidden', 'true')
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path')
  path.setAttribute('d', ICONS[name])
  svg.append(path)
  return svg
}

export function button(className, label, onclick) {
  const made = element('button', className)
  made.type = 'button'
  made.title = label
  made.setAttribute('aria-label', label)
  made.onclick = onclick
  return made
}
