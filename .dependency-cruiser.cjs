/**
 * Who may import whom: the table in ARCHITECTURE.md. Run through test/layers.mjs, which also fails when implausibly
 * few modules were seen (a missing compiler API makes this tool pass on none at all).
 */
const siblings = (folder) => ({
  name: `no-${folder.split("/").at(-1)}-imports-another`,
  comment: "One importer, profiler, exporter or analysis never imports another one of its own kind.",
  severity: "error",
  from: { path: `^${folder}/([^/]+)\\.ts$`, pathNot: `^${folder}/index\\.ts$` },
  to: {
    path: `^${folder}/[^/]+\\.ts$`,
    pathNot: SHARED,
  },
});

/** What the files of one kind share, besides the folder `shared`. */
const SHARED = [
  "^main/core/(importers/importer|profilers/profiler|exporters/exporter)\\.ts$",
  "^main/core/exporters/(text-chunks|whole-tree)\\.ts$",
];

const node = { dependencyTypes: ["core"] };

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      comment: "Types may refer to each other in a circle: nothing of it is left at run time.",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "nothing-unresolved",
      severity: "error",
      from: {},
      to: { couldNotResolve: true, pathNot: "^(electron|node-pty)$" },
    },
    {
      name: "core-imports-core-and-pure-libraries",
      comment:
        "Libraries that touch neither node nor a page, each for one thing: shapes, zip, zstd, XML, graphs.",
      severity: "error",
      from: { path: "^main/core/" },
      to: {
        pathNot: ["^main/core/", "node_modules/(valibot|@zip\\.js/zip\\.js|fzstd|saxes|@dagrejs/dagre)/"],
      },
    },
    { name: "core-has-no-node", severity: "error", from: { path: "^main/core/" }, to: node },
    ...["importers", "profilers", "exporters"].map((kind) => siblings(`main/core/${kind}`)),
    {
      name: "importers-see-model-bytes-base",
      severity: "error",
      from: { path: "^main/core/importers/" },
      to: { path: "^main/core/", pathNot: "^main/core/(importers|model|bytes|base)/" },
    },
    {
      name: "profilers-see-model-bytes-base",
      severity: "error",
      from: { path: "^main/core/profilers/" },
      to: { path: "^main/core/", pathNot: "^main/core/(profilers|model|bytes|base)/" },
    },
    {
      name: "analysis-sees-model-bytes-base",
      severity: "error",
      from: { path: "^main/core/analysis/" },
      to: { path: "^main/core/", pathNot: "^main/core/(analysis|model|bytes|base)/" },
    },
    {
      name: "engine-imports-no-host",
      severity: "error",
      from: { path: "^main/engine/" },
      to: { path: ["^main/hosts/", "^renderer/", "^preload/", "(^|/)node_modules/electron/", "^electron$"] },
    },
    {
      name: "electron-only-in-its-host",
      severity: "error",
      from: { pathNot: ["^main/hosts/electron/", "^preload/", "^test/"] },
      to: { path: ["(^|/)node_modules/electron/", "^electron$"] },
    },
    {
      name: "hosts-import-no-page",
      severity: "error",
      from: { path: "^main/hosts/" },
      to: { path: ["^renderer/", "^preload/"] },
    },
    {
      name: "electron-host-alone",
      severity: "error",
      from: { path: "^main/hosts/electron/" },
      to: { path: "^main/hosts/(cli|web)/" },
    },
    {
      name: "other-hosts-without-electron-host",
      severity: "error",
      from: { path: "^main/hosts/(cli|web)/" },
      to: { path: "^main/hosts/electron/" },
    },
    {
      name: "preload-knows-types-and-electron",
      severity: "error",
      from: { path: "^preload/" },
      to: {
        pathNot: [
          "^preload/",
          "^main/core/(contract|bridge)\\.ts$",
          "(^|/)node_modules/electron/",
          "^electron$",
        ],
      },
    },
    {
      name: "page-sees-contract-rpc-model-base",
      severity: "error",
      from: { path: "^renderer/" },
      to: {
        path: "^(main|preload|test|native-scripts)/",
        pathNot: "^main/core/(contract\\.ts|bridge\\.ts|rpc/|model/|base/)",
      },
    },
    { name: "page-has-no-node", severity: "error", from: { path: "^renderer/" }, to: node },
    {
      name: "one-view-never-imports-another",
      severity: "error",
      from: { path: "^renderer/views/([^/]+)/" },
      to: { path: "^renderer/views/", pathNot: "^renderer/views/$1/" },
    },
    {
      name: "widgets-know-no-app-or-view",
      severity: "error",
      from: { path: "^renderer/(widgets|theme)/" },
      to: { path: "^renderer/(app|views)/" },
    },
    {
      name: "nothing-imports-tests",
      severity: "error",
      from: { path: "^(main|renderer|preload)/" },
      to: { path: "^test/" },
    },
    {
      name: "dependencies-are-declared",
      severity: "error",
      from: { path: "^(main|renderer|preload)/" },
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.base.json" },
    enhancedResolveOptions: {
      conditionNames: ["import", "require", "node", "default", "types"],
      exportsFields: ["exports"],
      extensions: [".ts", ".tsx", ".d.ts", ".js", ".mjs", ".cjs", ".json"],
    },
  },
};
