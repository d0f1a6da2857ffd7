// Numbers as people type them.

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';
const unsigned = String.raw`(?:\d+(?:\.\d*)?|\.\d+)`;
const one = new RegExp(`^([+-]?${unsigned}(?:e[+-]?\\d+)?)$`);
const power = new RegExp(`^([+-]?)(?:(${unsigned})\\*)?(${unsigned})\\^\\(?([+-]?\\d+(?:\\.\\d+)?)\\)?$`);

/** Commas between groups of three digits fall away; a single other one is a decimal comma. Undefined where it is neither. */
function withoutCommas(text: string): string | undefined {
  if (!text.includes(',')) return text;
  if (/^[+-]?[1-9]\d{0,2}(,\d{3})+(?!\d)/.test(text) && text.match(/,/g)!.length === text.match(/,\d{3}(?!\d)/g)?.length)
    return text.replaceAll(',', '');
  return /^[^,.]*,[^,.]*$/.test(text) ? text.replace(',', '.') : undefined;
}

/** A number, or a power such as 10^6, 2*10^-3. */
function term(text: string): number {
  const plain = withoutCommas(text);
  if (plain === undefined) return Number.NaN;
  const found = power.exec(plain);
  if (found !== null) {
    const [, sign, factor = '1', base, exponent] = found;
    return (sign === '-' ? -1 : 1) * Number(factor) * Number(base) ** Number(exponent);
  }
  return one.test(plain) ? Number(plain) : Number.NaN;
}

/**
 * The number that a text says, or NaN: 203540, 203,540, 203 540, 0.25 or 0,25, −3, 1/4, 10^6 or 10⁶, 2·10^6, 1e6, 25 %.
 * A comma with three digits behind it and 1 to 3 before it parts thousands; where that cannot be (0,125; 3,14), it is a decimal comma.
 */
export function numberIn(text: string): number {
  let plain = text
    .trim()
    .toLowerCase()
    .replace(/[−–]/g, '-')
    .replace(/\*\*/g, '^')
    .replace(/\s*[·×*]\s*/g, '*')
    .replace(/\s*([/^])\s*/g, '$1')
    .replace(/(?<=\d)[\s'’_](?=\d{3}(?!\d))/g, '')
    .replace(/[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+/g, (high) => `^${[...high].map((c) => (c === '⁻' ? '-' : superscripts.indexOf(c))).join('')}`);
  let scale = 1;
  const share = /\s*(%|per ?cent)$/.exec(plain);
  if (share !== null) {
    plain = plain.slice(0, share.index);
    scale = 0.01;
  }
  const [above, below, ...more] = plain.split('/');
  if (more.length > 0) return Number.NaN;
  const value = below === undefined ? term(above!) : term(above!) / term(below);
  return Number.isFinite(value) ? scale * value : Number.NaN;
}

/**
 * Whether what was typed is the number asked for; undefined where it is no number. A per cent sign counts as a hundredth, and so it does where the
 * answer is asked for in per cent: 34.9 % is both 34.9 and 0.349.
 */
export function isAnswer(text: string, number: number, tolerance: number): boolean | undefined {
  const value = numberIn(text);
  if (Number.isNaN(value)) return undefined;
  const near = (one: number): boolean => Math.abs(one - number) <= tolerance;
  return near(value) || (/(%|per ?cent)\s*$/i.test(text) && near(100 * value));
}
