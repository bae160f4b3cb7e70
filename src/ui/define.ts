/**
 * Registration, apart from the classes: several bundles on one page may bring the same element.
 * @module
 */

/** Registers the element once; does nothing where there is no registry (a server) or the name is taken. */
export function define(tag: string, element: CustomElementConstructor): void {
  const registry = globalThis.customElements as CustomElementRegistry | undefined;
  if (registry && !registry.get(tag)) registry.define(tag, element);
}
