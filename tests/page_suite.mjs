// Runs the tests in the Python of the pages, without the laws. It takes some minutes, and is no step of CI.
//
//     pip install --target PACKAGES --no-deps --only-binary :all: --python-version 3.14 --platform any --abi none pytest pluggy iniconfig packaging \
//         pygments hypothesis sortedcontainers attrs pint flexcache flexparser platformdirs typing_extensions tzdata
//     node page_suite.mjs FOLDER-OF-NODE-MODULES ROOT PACKAGES -k "not 100000 and not deep" --deselect tests/test_documents.py tests
//
// docs/howto/serve_pages.md says what cannot run there, and why.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const [modules, root, packages, ...more] = process.argv.slice(2);
const from = dirname(createRequire(join(modules, "node_modules", "here.js")).resolve("pyodide/package.json"));
const { loadPyodide } = await import(join(from, "pyodide.mjs"));
const python = await loadPyodide({ indexURL: from });
python.FS.mkdir("/root_of_the_project");
python.FS.mkdir("/packages");
python.FS.mount(python.FS.filesystems.NODEFS, { root }, "/root_of_the_project");
python.FS.mount(python.FS.filesystems.NODEFS, { root: packages }, "/packages");
python.globals.set("arguments", python.toPy(more));
let status = 3;
try {
  status = python.runPython(`
import os, sys
sys.dont_write_bytecode = True
sys.path[:0] = ["/packages", "/root_of_the_project/src", "/root_of_the_project/tests"]
os.chdir("/root_of_the_project")
import pytest
class WithoutLaws:
    """Leaves out the laws, which look for their own examples: a browser is ten times slower, and the other sessions run them."""
    def pytest_collection_modifyitems(self, config, items):
        from hypothesis import is_hypothesis_test
        laws = [item for item in items if is_hypothesis_test(getattr(item, "obj", None))]
        kept = set(items) - set(laws)
        items[:] = [item for item in items if item in kept]
        config.hook.pytest_deselected(items=laws)
int(pytest.main([
    "--noconftest", "-p", "no:cacheprovider", "-p", "no:xdist", "-o", "addopts=--import-mode=importlib --strict-markers", "-m", "not thorough", "-q", *arguments,
], plugins=[WithoutLaws()]))
`);
} catch (error) {
  console.error(error.message); // the stack of the error would have the whole runtime in it
}
process.exit(status);
