export default {
  globs: ['src/ui/**/*.ts', 'src/widget/**/*.ts', 'src/desk/**/*.ts'],
  outdir: '.',
  litelement: true,
};
