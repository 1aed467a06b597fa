// Numbers as people type and read them, and the arithmetic of the cart. All are whole: quantities in thousandths,
// amounts in bani, unit prices in ten-thousandths of a leu, rates in hundredths of a percent. Python counts the same.

const SHAPE = /^(?:\d+(?:[.,]\d+)*|[.,]\d+)$/
const GROUPED = /^[1-9]\d{0,2}(?:[.,]\d{3})+$/
const BLANK_IN_NUMBER = /(?<=\d)[ \u00a0\u202f](?=\d{3}(?!\d))/g
export const LARGEST = 999_999_000

/** What was typed: {q} in thousandths, or {fault}: 'letters', 'decimals' or 'large'.
 *  As core.imports.numbers: 2,5 and 2.5 are one number; of 1.250 only the language's decimal mark can tell. */
export function parse(typed, mark) {
  const text = typed.trim().replace(BLANK_IN_NUMBER, '')
  if (!text) return { q: 0 }
  if (!SHAPE.test(text)) return { fault: 'letters' }
  const marks = text.match(/[.,]/g) ?? []
  const last = marks.at(-1)
  const hasPart = marks.length === 1 ? !GROUPED.test(text) || last === mark : new Set(marks).size === 2
  const at = hasPart ? text.lastIndexOf(last) : text.length
  const whole = text.slice(0, at)
  const part = text.slice(at + 1).replace(/0+$/, '')
  const groups = new Set(whole.match(/[.,]/g) ?? [])
  if (groups.size && (groups.size > 1 || !GROUPED.test(whole) || (hasPart && groups.has(last)))) return { fault: 'letters' }
  if (part.length > 3) return { fault: 'decimals' }
  const q = Number(whole.replace(/[.,]/g, '')) * 1000 + Number(part.padEnd(3, '0'))
  return q > LARGEST ? { fault: 'large' } : { q }
}

/** The quantity that can be ordered: what was wanted, raised to the least and to a whole multiple. */
export function fitting(row, q) {
  if (q <= 0) return 0
  const wanted = Math.max(q, row.least ?? 0)
  return row.multiple ? Math.ceil(wanted / row.multiple) * row.multiple : wanted
}

/** The most of `available` that fits, 0 if nothing does. */
export function takeable(row, available) {
  const most = row.multiple ? Math.floor(available / row.multiple) * row.multiple : available
  return most >= (row.least ?? 0) ? Math.max(most, 0) : 0
}

export const stepOf = row => (row.pack && row.pack % (row.multiple ?? 1) === 0 ? row.pack : row.multiple ?? 1000)

export function priceAt(row, q) {
  let price = row.price
  for (const [from, another] of row.breaks ?? []) if (q >= from) price = another
  return price
}

const halfUp = (value, unit) => Number((value + unit / 2n) / unit)

/** Net of a line in bani. */
export const lineNet = (q, price) => halfUp(BigInt(q) * BigInt(price), 100_000n)

/** `value` with VAT, or (of a whole base) the VAT alone. */
export const withVat = (value, rate) => halfUp(BigInt(value) * BigInt(10_000 + rate), 10_000n)
export const vatOf = (base, rate) => halfUp(BigInt(base) * BigInt(rate), 10_000n)

/** Net, VAT and gross of [net, rate] pairs: VAT once per rate on the sum of its lines, as core.money.totals. */
export function totals(lines) {
  const bases = new Map()
  for (const [net, rate] of lines) bases.set(rate, (bases.get(rate) ?? 0) + net)
  let net = 0
  let vat = 0
  for (const [rate, base] of bases) {
    net += base
    vat += vatOf(base, rate)
  }
  return { net, vat, gross: net + vat }
}

/** Writes numbers in one language. */
export function writer(locale, lei) {
  const make = options => new Intl.NumberFormat(locale, options)
  const two = make({ minimumFractionDigits: 2, maximumFractionDigits: 2 })
  const four = make({ minimumFractionDigits: 4, maximumFractionDigits: 4 })
  const shown = make({ maximumFractionDigits: 3 })
  const plain = make({ maximumFractionDigits: 3, useGrouping: false })
  return {
    amount: bani => `${two.format(bani / 100)}\u00a0${lei}`,
    bare: bani => two.format(bani / 100),
    price: price => (price % 100 ? four : two).format(price / 10_000),
    quantity: q => shown.format(q / 1000),
    typed: q => (q ? plain.format(q / 1000) : ''),
    percent: share => `${shown.format(share)}\u00a0%`,
    mark: make({ minimumFractionDigits: 1 }).formatToParts(0.5).find(part => part.type === 'decimal').value,
  }
}

/** A sentence with its {names} filled in. */
export const fill = (words, values) => words.replace(/\{(\w+)\}/g, (found, name) => values[name] ?? found)
