/** House style that a tool can hold: the core's purity above all. Layers are dependency-cruiser's, form is prettier's. */
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

const noDice = 'The core rolls no dice: take random bytes from ctx.';
const noClock = 'The core reads no clock: time is ctx.nowMs.';
const noWaiting = 'The core is synchronous: what takes time is an effect.';

/** Names that noble's packages give to their own randomness. */
const nobleDice = ['randomBytes', 'randomSecretKey', 'randomPrivateKey', 'keygen', 'managedNonce'];

export default ts.config(
  { ignores: ['dist/', '.cache/', 'test-results/', '**/*_pb.*', '**/*.as.ts'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser, ...globals.node } },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'off',
      'prefer-const': 'error',
      'no-undef': 'off', // the compiler's
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
    },
  },
  {
    // Promises that nobody waits for, and unions that a switch forgets: the rules worth a type check.
    files: ['src/**/*.ts', 'tools/**/*.ts', 'tests/**/*.ts'],
    languageOptions: {
      parserOptions: {
        project: [
          './src/lib/protocol/tsconfig.json',
          './tsconfig.json',
          './tsconfig.worker.json',
          './tsconfig.node.json',
        ],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
    // Svelte's own knows that props which can be bound are declared with `let`.
    rules: { 'prefer-const': 'off', 'svelte/prefer-const': 'error' },
  },
  {
    files: ['src/lib/protocol/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'Date', message: noClock },
        { name: 'Promise', message: noWaiting },
        { name: 'globalThis', message: 'The core knows no surroundings.' },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: noDice },
        ...nobleDice.map((property) => ({ property, message: noDice })),
      ],
      'no-restricted-imports': [
        'error',
        {
          patterns: [{ regex: '^@noble/', importNames: nobleDice, message: noDice }],
        },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: ':function[async=true]', message: noWaiting },
        { selector: 'AwaitExpression', message: noWaiting },
        { selector: 'TSTypeReference[typeName.name="Promise"]', message: noWaiting },
        {
          selector:
            'CallExpression[callee.object.name="schnorr"][callee.property.name="sign"][arguments.length<3]',
          message: 'Without auxRand from ctx, noble rolls its own.',
        },
      ],
    },
  },
);
