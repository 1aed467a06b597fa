// Where the keyboard goes on when what it stood on is gone. Nobody who has moved on by then is fetched back.

const TRIES = 40
let done = 0

export default function ({ data }) {
  if (data.turn === done) return
  done = data.turn
  goOn(data, TRIES)
}

function goOn(data, tries) {
  const place = document.querySelector(`.st-key-${data.to}`)
  if (place && document.activeElement === document.body) return go(place, data.field)
  if (tries) setTimeout(goOn, 50, data, tries - 1) // the page is still drawn: the old place goes at the end
}

function go(place, field) {
  if (field) return place.querySelector('input, button')?.focus()
  place.tabIndex = -1 // the card itself: in its field a phone would show its keyboard
  place.focus()
}
