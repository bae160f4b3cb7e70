import js from '@eslint/js';
import { configs as lit } from 'eslint-plugin-lit';
import litA11y from 'eslint-plugin-lit-a11y';
import { configs as wc } from 'eslint-plugin-wc';
import globals from 'globals';
import tseslint from 'typescript-eslint';

/** A suppression must say why: `// eslint-disable-next-line rule -- reason`. */
const reasons = {
  rules: {
    'suppression-has-reason': {
      meta: { type: 'problem', schema: [], messages: { missing: 'Say why after "--".' } },
      create: (context) => ({
        Program() {
          for (const comment of context.sourceCode.getAllComments()) {
            if (/^\s*eslint-disable/.test(comment.value) && !/\s--\s+\S/.test(comment.value)) {
              context.report({ loc: comment.loc, messageId: 'missing' });
            }
          }
        },
      }),
    },
  },
};

/** Unsafe under the strict CSP and Trusted Types that the elements promise to run with. */
const restrictedImports = [
  { name: 'lit/directives/unsafe-html.js', message: 'Text only: HTML from data is never rendered.' },
  { name: 'lit/directives/unsafe-svg.js', message: 'Text only: SVG from data is never rendered.' },
  { name: 'lit/directives/style-map.js', message: 'It writes a style attribute, which a strict CSP blocks.' },
];
const restrictedSyntax = [
  {
    selector:
      "AssignmentExpression[left.type='MemberExpression'][left.property.name=/^(innerHTML|outerHTML|srcdoc|cssText)$/]",
    message: 'Blocked by Trusted Types or a strict CSP: build nodes instead.',
  },
  { selector: "CallExpression[callee.property.name='insertAdjacentHTML']", message: 'Blocked by Trusted Types.' },
];
const restrictedProperties = [
  { object: 'Math', property: 'random', message: 'Not a source of randomness: take the Random port or noble.' },
];
const noClock = [
  {
    object: 'Date',
    property: 'now',
    message: 'The core has no clock: take the time as a parameter or the Clock port.',
  },
];
const noClockSyntax = [
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: 'The core has no clock: take the time as a parameter or the Clock port.',
  },
];

export default tseslint.config(
  { ignores: ['dist/**', 'coverage/**', '.data/**'] },
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    plugins: { local: reasons },
    rules: {
      'local/suppression-has-reason': 'error',
      eqeqeq: 'error',
      'no-eval': 'error',
      'no-new-func': 'error',
    },
  },
  {
    files: ['**/*.ts'],
    extends: [
      ...tseslint.configs.recommendedTypeChecked,
      lit['flat/recommended'],
      wc['flat/recommended'],
      litA11y.configs.recommended,
    ],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    settings: { wc: { elementBaseClasses: ['LitElement'] } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': [
        'error',
        { checksVoidReturn: { attributes: false, properties: false } },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // Safari takes a list's role away where it has no markers; the explicit role gives it back.
      'lit-a11y/no-redundant-role': 'off',
      // A port is asynchronous even where one of its implementations has nothing to wait for.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'max-lines': ['error', { max: 400 }],
      'no-console': 'error',
      'no-restricted-imports': ['error', { paths: restrictedImports }],
      'no-restricted-syntax': ['error', ...restrictedSyntax],
      'no-restricted-properties': ['error', ...restrictedProperties],
    },
  },
  {
    files: ['src/{bytes,identity,protocol,vault,wire,engine}/**/*.ts', 'src/errors.ts'],
    rules: {
      'no-restricted-syntax': ['error', ...restrictedSyntax, ...noClockSyntax],
      'no-restricted-properties': ['error', ...restrictedProperties, ...noClock],
    },
  },
  { files: ['src/cli/**/*.ts'], rules: { 'no-console': 'off' } },
  {
    files: ['test/**/*.ts'],
    // chai's assertions are property reads: expect(x).to.be.true
    rules: { '@typescript-eslint/no-unused-expressions': 'off' },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    ignores: ['demo/**/*.js'],
    languageOptions: { globals: globals.nodeBuiltin },
  },
  { files: ['**/*.cjs'], languageOptions: { sourceType: 'commonjs', globals: globals.node } },
  // What a demo's page loads runs in a browser; what starts the demo (*.mjs) runs in Node.
  { files: ['demo/**/*.js'], languageOptions: { globals: globals.browser } },
);
