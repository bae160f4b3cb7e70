/** Amounts as the site writes them. */

const pounds = new Intl.NumberFormat('en-GB', { style: 'currency', currency: 'GBP' });
const wholePounds = new Intl.NumberFormat('en-GB', { style: 'currency', currency: 'GBP', maximumFractionDigits: 0 });

/** @param {number} amount in pounds @returns {string} such as `£1,234.50`, with a true minus sign */
export const formatMoney = (amount) => pounds.format(amount).replace('-', '\u2212');

/** @param {number} amount in pounds @returns {string} such as `£1,235` */
export const formatPounds = (amount) => wholePounds.format(amount).replace('-', '\u2212');

/**
 * @param {string} text as typed: `1,250`, `£12.5`, ` 40 `
 * @returns {number} the amount in pounds; NaN when it is not an amount
 */
export function parseMoney(text) {
  const digits = text.replace(/[£,\s]/g, '');
  return /^\d{1,7}(\.\d{1,2})?$/.test(digits) ? Number(digits) : NaN;
}
