/**
 * Texts from a table: placeholders `{name}`, plural forms by `Intl.PluralRules`. Without Lit, for the launcher too.
 * @module
 */

/** A text for each plural form of its `{count}` that the language has. */
export type PluralForms = { readonly other: string } & {
  readonly [Form in Exclude<Intl.LDMLPluralRule, 'other'>]?: string;
};

/** The texts a table of this shape may hold: what is a sentence stays one, what has plural forms keeps them. */
export type TextsLike<T> = { readonly [Key in keyof T]: T[Key] extends string ? string : PluralForms };

export type PhraseValues = Readonly<Record<string, string | number>>;

const RTL = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/u;

/** A value in a sentence of the other direction keeps its own, and does not disturb the rest. */
function isolated(value: string, sentence: string): string {
  return RTL.test(value) === RTL.test(sentence) ? value : `\u2068${value}\u2069`;
}

/** The sentence with its placeholders filled; an unknown one stays visible. */
export function phrase(text: string | PluralForms, locale: string, values: PhraseValues = {}): string {
  let sentence: string;
  if (typeof text === 'string') sentence = text;
  else sentence = text[new Intl.PluralRules(locale).select(Number(values.count))] ?? text.other;
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? new Intl.NumberFormat(locale).format(value) : isolated(value, sentence);
  });
}
