/**
 * Who may import what. Imports point downwards only: protocol, runtime, adapters, app, components, routes; the programs
 * that Node runs stand beside them. A row lists everything that a part may import; the rest is a sin.
 */
const lib = (path) => `^src/lib/${path}`;
const npm = (name) => `(^|/)node_modules/${name}/`;

const PROTOCOL = lib('protocol/');
const PROTOCOL_INDEX = lib('protocol/index\\.ts$');
const SCRIPT_URL = lib('trusted-script-url\\.ts$');
/** Compiled by the build: it may not be there yet. */
const KERNEL = 'pow-simd\\.wasm';
const NOBLE = npm('@noble/(ciphers|curves|hashes)');
const SVELTE = npm('svelte');
/** Stands for Node's own modules, which dependency-cruiser tells by type and not by path. */
const NODE = Symbol('node');
const LIBP2P = npm('(libp2p|@libp2p|@chainsafe|@multiformats|uint8arraylist)');

const layers = [
  part(PROTOCOL, [PROTOCOL, NOBLE, npm('@scure/base'), npm('@bufbuild/protobuf')]),
  part(lib('runtime/'), [lib('runtime/'), PROTOCOL_INDEX]),
  adapter('network', [LIBP2P]),
  adapter('wallet', [npm('@getalby/sdk')]),
  adapter('store', [npm('idb'), NODE]),
  adapter('secrets', []),
  adapter('work', ['^src/workers/pow', SCRIPT_URL, NODE]),
  part(SCRIPT_URL, []),
  part(lib('app/'), ['^src/(lib|simulator|workers)/', SVELTE]),
  part(lib('components/'), [lib('(components|app)/'), SVELTE]),
  part('^src/routes/', ['^src/routes/', lib('(components|app)/'), SVELTE]),
  part('^src/workers/pow', [
    '^src/workers/pow',
    KERNEL,
    lib('protocol/(bytes|limits|job/proof-of-work)\\.ts$'),
    NOBLE,
    npm('hash-wasm'),
    NODE,
  ]),
  part('^src/workers/node', [
    '^src/workers/',
    lib('(runtime|adapters/(secrets|store|wallet|work))/'),
    PROTOCOL_INDEX,
    SCRIPT_URL,
  ]),
  part('^src/simulator/', [
    '^src/simulator/',
    lib('runtime/'),
    PROTOCOL_INDEX,
    NOBLE,
    npm('@scure/base'),
    NODE,
  ]),
  part('^src/relay/', ['^src/relay/', LIBP2P, NODE]),
  part('^src/(devnet|twin)/', [
    '^src/(devnet|twin|relay|simulator|workers)/',
    lib('(runtime|adapters)/'),
    PROTOCOL_INDEX,
    '(^|/)node_modules/',
    NODE,
  ]),
  part('^src/(main\\.ts|show\\.ts|App\\.svelte)$', [
    '^src/(show\\.ts|App\\.svelte|app\\.css)$',
    '^src/(routes|workers)/',
    lib('(app|components)/'),
    SVELTE,
  ]),
  part('^src/service-worker\\.ts$', [npm('workbox-[a-z]+')]),
];

const insideTheCore = [
  sin('index-only', { path: '^src/', pathNot: `${PROTOCOL}|^src/workers/pow` }, [
    PROTOCOL,
    PROTOCOL_INDEX,
  ]),
  sin('codec-in-wire', { path: PROTOCOL, pathNot: lib('protocol/wire/') }, [npm('@bufbuild')]),
  sin('job-below-roles', { path: lib('protocol/job/') }, [
    lib('protocol/(roles/|node(\\.ts|/)|overlay/|store/|search/|exchange/)'),
  ]),
  sin('roles-below-node', { path: lib('protocol/roles/') }, [lib('protocol/node(\\.ts|/)')]),
  sin('beside-the-roles', { path: lib('protocol/(overlay|store|search|exchange)/') }, [
    lib('protocol/(roles/|node(\\.ts|/))'),
  ]),
];

const everywhere = [
  { name: 'no-cycles', from: {}, to: { circular: true } },
  {
    name: 'no-orphans',
    from: { orphan: true, pathNot: '\\.(d|as)\\.ts$|^src/[^/]+\\.ts$|^tests/|^tools/' },
    to: {},
  },
  { name: 'no-dead-imports', from: {}, to: { couldNotResolve: true, pathNot: KERNEL } },
  {
    name: 'components-take-types',
    from: { path: lib('components/') },
    to: { path: lib('app/'), dependencyTypesNot: ['type-only'] },
  },
  sin('not-the-product', { path: '^src/' }, ['^(tests|tools)/']),
];

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [...layers, ...insideTheCore, ...everywhere].map((rule) => ({
    severity: 'error',
    ...rule,
  })),
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '\\.(css|json)$' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['svelte', 'browser', 'import', 'types', 'default'],
      extensions: ['.ts', '.js', '.svelte', '.d.ts'],
    },
  },
};

/** What lives at `path` may import `allowed` and nothing else. */
function part(path, allowed) {
  const paths = allowed.filter((entry) => entry !== NODE);
  const to = { pathNot: [...paths, npm('@types')].join('|') };
  if (allowed.includes(NODE)) to.dependencyTypesNot = ['core'];
  return { name: `only-downwards: ${path}`, from: { path }, to };
}

/** An adapter knows the core, the runtime's ports and its own library; never another adapter. */
function adapter(name, libraries) {
  const own = lib(`adapters/${name}/`);
  return part(own, [own, PROTOCOL_INDEX, lib('runtime/ports\\.ts$'), NOBLE, ...libraries]);
}

function sin(name, from, [path, pathNot]) {
  return { name, from, to: pathNot ? { path, pathNot } : { path } };
}
