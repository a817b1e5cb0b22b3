// The colours that follow from the host's own one, each with enough contrast to what it stands on (WCAG 2.2, 1.4.3 and 1.4.11).

import { matching } from '@gosend/options'

type Colour = readonly [red: number, green: number, blue: number]

const WHITE: Colour = [255, 255, 255]
const BLACK: Colour = [0, 0, 0]
// What links stand on, at worst: the tint of a chosen line, in either scheme.
const LIGHT: Colour = [236, 236, 244]
const DARK: Colour = [38, 38, 56]
const TEXT_CONTRAST = 4.5

export const accentColour = matching(/^#[0-9a-fA-F]{6}$/, 'must be a colour such as #0f766e')

/** A style sheet that sets the tokens of `dashboard-ui` that depend on the accent. */
export function accentStyles(accent: string): string {
  const colour = parse(accent)
  const onAccent = contrast(colour, WHITE) >= TEXT_CONTRAST ? WHITE : BLACK
  const away = onAccent === WHITE ? 'black' : 'white'
  const link = `light-dark(${legible(colour, LIGHT, BLACK)}, ${legible(colour, DARK, WHITE)})`
  return `:root {
  --accent: ${format(colour)};
  --accent-hover: color-mix(in oklab, var(--accent), ${away} 14%);
  --on-accent: ${format(onAccent)};
  --link: ${link};
  --focus: ${link};
}
`
}

/** The colour, as far towards another as it takes to be read on a background. */
function legible(colour: Colour, background: Colour, towards: Colour): string {
  let mixed = colour
  for (let step = 1; contrast(mixed, background) < TEXT_CONTRAST; step++)
    mixed = mix(colour, towards, step / 20)
  return format(mixed)
}

const mix = (from: Colour, to: Colour, share: number): Colour => [
  Math.round(from[0] + (to[0] - from[0]) * share),
  Math.round(from[1] + (to[1] - from[1]) * share),
  Math.round(from[2] + (to[2] - from[2]) * share),
]

function contrast(one: Colour, other: Colour): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (lighter + 0.05) / (darker + 0.05)
}

function luminance(colour: Colour): number {
  const [red = 0, green = 0, blue = 0] = colour.map((value) => {
    const share = value / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

const parse = (text: string): Colour => [
  Number.parseInt(text.slice(1, 3), 16),
  Number.parseInt(text.slice(3, 5), 16),
  Number.parseInt(text.slice(5, 7), 16),
]

const format = (colour: Colour): string =>
  `#${colour.map((value) => value.toString(16).padStart(2, '0')).join('')}`
