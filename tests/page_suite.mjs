// Runs the tests in the Python of the pages: `nox -s pyodide`. What is run, and what cannot be, is in page_suite.py.
//
//     node page_suite.mjs FOLDER-OF-NODE-MODULES ROOT PACKAGES [ARGUMENTS OF PYTEST]
//
// PACKAGES: a folder in which the wheel of the library, what it needs, pytest and hypothesis are installed.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const [modules, root, packages, ...more] = process.argv.slice(2);
const from = dirname(createRequire(join(modules, "node_modules", "here.js")).resolve("pyodide/package.json"));
const { loadPyodide } = await import(join(from, "pyodide.mjs"));
const python = await loadPyodide({ indexURL: from });
for (const [folder, there] of [["/root_of_the_project", root], ["/packages", packages]]) {
  python.FS.mkdir(folder);
  python.FS.mount(python.FS.filesystems.NODEFS, { root: there }, folder);
}
python.globals.set("arguments", python.toPy(more));
let status = 3;
try {
  status = python.runPython(`
import os, sys
sys.dont_write_bytecode = True
sys.path[:] = ["/packages", "/root_of_the_project/tests", *filter(None, sys.path)]
os.chdir("/root_of_the_project")
import page_suite
int(page_suite.run(arguments))
`);
} catch (error) {
  console.error(error.message); // the stack of the error would have the whole runtime in it
}
process.exit(status);
