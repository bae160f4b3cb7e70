/**
 * Stands in for the package's own types, which say that every `expect(x).to.equal(y)` returns a promise. With them the
 * linter would see a forgotten `await` in each assertion.
 */

declare namespace Chai {
  interface DomComparison {
    readonly to: this;
    readonly not: this;
    equal(
      html: string,
      options?: { ignoreAttributes?: string[]; ignoreTags?: string[]; ignoreChildren?: string[] },
    ): Assertion;
  }

  interface Assertion {
    readonly dom: DomComparison;
    readonly lightDom: DomComparison;
    readonly shadowDom: DomComparison;
  }
}
