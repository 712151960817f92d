// Python in a worker of its own: loaded once, from this site alone. A message in is a call; a message out its answer, or how far it is.
const folder = new URL("./runtime/", import.meta.url);
const EXTRA = { pint: "units.zip", tzdata: "zones.zip" };
let python = null;
let loaded = 0;

/** A file of the runtime. It is stored compressed; the response is as if it were not. */
async function unpacked(name, type) {
  const answer = await network(new URL(`${name}.packed`, folder));
  if (!answer.ok) throw new Error(`${name} cannot be loaded: ${answer.status} ${answer.statusText}`);
  const counted = answer.body.pipeThrough(
    new TransformStream({
      transform(chunk, out) {
        loaded += chunk.byteLength;
        postMessage({ loaded });
        out.enqueue(chunk);
      },
    }),
  );
  return new Response(counted.pipeThrough(new DecompressionStream("gzip")), { headers: { "content-type": type } });
}

const network = globalThis.fetch;
const early = new Map([["pyodide.asm.wasm", "application/wasm"], ["python.zip", "application/zip"]].map(([name, type]) => [name, unpacked(name, type)]));
const library = unpacked("library.zip", "application/zip").then((archive) => archive.arrayBuffer());
const scripts = Promise.all([import("./runtime/pyodide.mjs"), import("./runtime/pyodide.asm.mjs")]);
for (const file of [...early.values(), library, scripts]) file.catch(() => null); // all are loaded at once; a fault is reported where it is awaited
globalThis.fetch = (what, options) => early.get(new URL(what.url ?? what, location.href).pathname.split("/").at(-1)) ?? network(what, options);

async function add(name) {
  const archive = await unpacked(name, "application/zip");
  python.FS.writeFile(`/lib/${name}`, new Uint8Array(await archive.arrayBuffer()));
  python.runPython(`import sys, importlib; sys.path.insert(0, "/lib/${name}"); importlib.invalidate_caches()`);
}

async function start({ info }) {
  const [{ loadPyodide }] = await scripts;
  python = await loadPyodide({
    indexURL: folder.href,
    stdLibURL: new URL("python.zip", folder).href,
    lockFileContents: { info, packages: {} },
    packageBaseUrl: folder.href,
  });
  python.FS.writeFile("/lib/library.zip", new Uint8Array(await library));
  python.runPython('import sys; sys.path.insert(0, "/lib/library.zip"); import in_the_page');
  return null;
}

/** Calls a function of the page's module. What it has not loaded yet is loaded, and then it is called again. */
async function call(name, args) {
  const module = python.pyimport("in_the_page");
  const called = module[name];
  try {
    return JSON.parse(called(...args));
  } catch (error) {
    const missing = missingOf(String(error));
    if (missing === null) throw error;
    await add(missing);
    return await call(name, args);
  } finally {
    called.destroy();
    module.destroy();
  }
}

const had = new Set();
function missingOf(text) {
  const name = Object.keys(EXTRA).find((extra) => text.includes(`No module named '${extra}'`) && !had.has(extra));
  if (name === undefined) return null;
  had.add(name);
  return EXTRA[name];
}

let before = Promise.resolve();
onmessage = ({ data: { id, name, args } }) => {
  before = before.then(async () => {
    try {
      postMessage({ id, answer: name === "start" ? await start(...args) : await call(name, args) });
    } catch (error) {
      const [last] = (error?.message ?? String(error)).trim().split("\n").slice(-1); // of a traceback, what happened
      postMessage({ id, error: last });
    }
  });
};
