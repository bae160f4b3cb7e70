const elements = new Set(['secure-chat', 'secure-chat-desk']);
const entries = /^src\/(widget\/secure-chat|desk\/secure-chat-desk|ui\/events)\.ts$/;

/** The manifest is the contract with other people's pages: the two elements and their events, no inner parts. */
const publicOnly = {
  name: 'public-only',
  packageLinkPhase({ customElementsManifest: manifest }) {
    manifest.modules.sort((a, b) => (a.path < b.path ? -1 : 1)); // not as the file system lists them
    manifest.modules = manifest.modules.filter(
      ({ path, declarations }) => entries.test(path) || declarations.some(({ tagName }) => elements.has(tagName)),
    );
    for (const declaration of manifest.modules.flatMap((module) => module.declarations)) {
      declaration.members = declaration.members?.filter(
        ({ name, privacy = 'public' }) => privacy === 'public' && !/^[#_]/.test(name),
      );
    }
  },
};

export default {
  globs: ['src/ui/**/*.ts', 'src/widget/**/*.ts', 'src/desk/**/*.ts'],
  outdir: '.',
  litelement: true,
  packagejson: false, // it would rewrite package.json whenever it writes elsewhere, as the check does
  plugins: [publicOnly],
};
