/**
 * The PINs that a thief tries first. What people choose follows few rules: dates and years, repetition and order, and paths on the
 * keypad. Refusing about a tenth of all PINs is what has been found to help against few guesses without annoying too much; much
 * shorter lists do not help (Markert, Bailey, Golla, Dürmuth, Aviv: "This PIN Can Be Easily Guessed", IEEE Symposium on Security and
 * Privacy 2020, arXiv:2003.04868). These rules refuse that share of those with four and with six digits, and less of the longer ones.
 * @module
 */

const DAY = '(0[1-9]|[12]\\d|3[01])';
const MONTH = '(0[1-9]|1[0-2])';
const YEAR = '(19\\d\\d|20[0-3]\\d)';
const ANY_YEAR = `(${YEAR}|\\d\\d)`;
/** With or without a year in front or behind; a year alone, or with a month. */
const DATE = new RegExp(
  `^(${[
    `(${DAY}${MONTH}|${MONTH}${DAY})${ANY_YEAR}?`,
    `${ANY_YEAR}${MONTH}${DAY}`,
    `${MONTH}?${YEAR}`,
    `${YEAR}${MONTH}`,
  ].join('|')})$`,
);

/** Rows, columns and diagonals of the keypad: a PIN made of these, read either way. */
const LINES = /^(123|456|789|147|258|369|159|357|321|654|987|741|852|963|951|753)+$/;

/** Keys beside each other, by key. */
const NEXT_TO = ['8', '24', '135', '26', '157', '2468', '359', '48', '0579', '68'];

/** What no rule says: words and numbers that everybody knows, corners of the keypad. */
const KNOWN = new Set(
  (
    '0007 0070 0700 7000 1000 3000 5000 6000 8000 9000 0911 1379 1397 1470 1590 1793 3179 3690 3791 3971 4200 5150 5683 7410 ' +
    '7931 8520 9713 9731 100200 110120 246810 314159 420420 520131 5201314 8675309 3141592654 123456780'
  ).split(' '),
);

/** Whether a PIN is one of the commonest, and so is refused to whoever chooses it. @param pin 4 to 12 digits */
export function isCommonPin(pin: string): boolean {
  const digits = [...pin].map(Number);
  return (
    KNOWN.has(pin) ||
    DATE.test(pin) ||
    LINES.test(pin) ||
    isStepped(digits) ||
    isRepeated(pin) ||
    isWalk(digits) ||
    pin === [...pin].reverse().join('') ||
    // 112233, 111222
    /^((\d)\2)+$/.test(pin) ||
    /^((\d)\2\2)+$/.test(pin) ||
    isInterleaved(digits)
  );
}

/** Always the same step, over the end too: 1111, 3456, 8901, 2468, 9630. */
function isStepped(digits: readonly number[]): boolean {
  const step = stepOf(digits, 1);
  return digits.every((digit, i) => i === 0 || (digit - (digits[i - 1] ?? 0) + 10) % 10 === (step + 10) % 10);
}

/** Over and over the same one, two … digits, up to half of the PIN: 1212, 123123, 12121. */
function isRepeated(pin: string): boolean {
  return /^(\d+)\1+$/.test(pin) || (pin.length > 4 && /^(\d)(\d)(\1\2)+\1$/.test(pin));
}

/** A path from key to key beside it, none of them twice: 2580, 1236, 147896. */
function isWalk(digits: readonly number[]): boolean {
  const isPath = digits.every((digit, i) => i === 0 || NEXT_TO[digits[i - 1] ?? 0]?.includes(String(digit)) === true);
  return isPath && new Set(digits).size === digits.length;
}

/** Two orders in turn, each standing still or one up or down: 142536, 102030, 192837. Any two digits would be one: six at least. */
function isInterleaved(digits: readonly number[]): boolean {
  if (digits.length < 6) return false;
  const isOne = (first: number): boolean => {
    const step = stepOf(digits.slice(first), 2);
    return (
      Math.abs(step) <= 1 &&
      digits.every((digit, i) => i < first + 2 || i % 2 !== first || digit - (digits[i - 2] ?? 0) === step)
    );
  };
  return isOne(0) && isOne(1);
}

function stepOf(digits: readonly number[], distance: number): number {
  return (digits[distance] ?? 0) - (digits[0] ?? 0);
}
