// Makes the archives of Python that a browser loads: compiled by the very Python that runs there, without what no page needs.
//
//     node pack.mjs FOLDER PACKAGES SOURCES
//
// FOLDER: where to write; PACKAGES: a folder with the wheels; SOURCES: the module of the page.
import { copyFileSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";

const [folder, packages, module] = process.argv.slice(2);
const from = dirname(createRequire(import.meta.url).resolve("pyodide/package.json"));
const { loadPyodide } = await import(join(from, "pyodide.mjs"));
mkdirSync(folder, { recursive: true });

const python = await loadPyodide({ indexURL: from });
for (const name of readdirSync(packages)) python.FS.writeFile(`/tmp/${name}`, readFileSync(join(packages, name)));
python.FS.writeFile("/tmp/in_the_page.py", readFileSync(module));
python.FS.writeFile("/tmp/stdlib.zip", readFileSync(join(from, "python_stdlib.zip")));
python.runPython(`
import re, zipfile
from importlib._bootstrap_external import _code_to_hash_pyc
from importlib.util import source_hash

UNUSED = (  # what no page can use: other systems, the network, windows, tools for developers, rare encodings
    "_aix_support", "_android_support", "_apple_support", "_ios_support", "_osx_support", "_pydatetime", "_pydecimal", "_pyio", "_pyrepl",
    "asyncio/(proactor|windows)", "bdb", "cProfile", "cmd.py", "configparser", "curses", "importlib/_bootstrap",
    "antigravity", "filecmp", "fileinput", "logging/(config|handlers)", "py_compile", "rlcompleter", "sched", "shelve", "ssl", "symtable",
    "tabnanny", "this", "tracemalloc",
    "code.py", "compileall", "concurrent/interpreters", "ctypes", "dbm", "distutils", "doctest", "encodings/(big5|cp(?!437)|euc|gb|hp|hz|iso|johab)",
    "encodings/(koi|kz|mac_|mbcs|palmos|ptcp|shift|tis)", "ensurepip", "ftplib", "getpass", "http/", "idlelib", "imaplib", "lib2to3", "mailbox",
    "modulefinder", "multiprocessing", "netrc", "nturl2path", "optparse", "pdb", "pickletools", "plistlib", "poplib", "profile", "profiling",
    "pstats", "pty", "pyclbr", "pydoc", "smtplib", "socketserver", "sqlite3", "tarfile", "test/", "tkinter", "tomllib", "trace.py", "tty",
    "turtle", "unittest/", "urllib/(request|robotparser)", "venv", "wave", "webbrowser", "wsgiref", "xml", "zipapp",
)
drop = re.compile("|".join(UNUSED))

def written(target, archives, keep=lambda name: True, extra=(), optimize=0):
    """Writes modules as compiled code, and other files as they are; the same to the byte for the same content."""
    files = {}
    for archive in archives:
        with zipfile.ZipFile(archive) as opened:
            files |= {name: opened.read(name) for name in opened.namelist() if not name.endswith("/") and keep(name)}
    files |= dict(extra)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as out:
        for name, content in sorted(files.items()):
            if name.endswith(".py"):
                code = compile(content, name, "exec", dont_inherit=True, optimize=optimize)
                name, content = name + "c", _code_to_hash_pyc(code, source_hash(content), False)
            out.writestr(zipfile.ZipInfo(name), bytes(content))

def wheels(*names):
    from pathlib import Path
    return [next(str(path) for path in Path("/tmp").glob(f"{name}-*.whl")) for name in names]

with open("/tmp/in_the_page.py", "rb") as source:
    page = [("in_the_page.py", source.read())]
no_types = lambda name: not name.endswith((".pyi", "py.typed", "/RECORD")) and "/testsuite/" not in name
elsewhere = re.compile(r"tarlatamab_rules/(__main__|cohort/|commands/|formats/fhir/|service/|strategies/)")  # rooms that no page asks
asked = lambda name: no_types(name) and not elsewhere.match(name)
written("/tmp/python.zip", ["/tmp/stdlib.zip"], lambda name: not drop.match(name), optimize=2)  # without docstrings
written("/tmp/library.zip", wheels("attrs", "tarlatamab_rules"), asked, page)
written("/tmp/units.zip", wheels("pint", "flexcache", "flexparser", "platformdirs", "typing_extensions"), no_types)
written("/tmp/zones.zip", wheels("tzdata"))
`);

const sizes = {};
for (const name of ["python.zip", "library.zip", "units.zip", "zones.zip"]) put(name, python.FS.readFile(`/tmp/${name}`));
put("pyodide.asm.wasm", readFileSync(join(from, "pyodide.asm.wasm")));
for (const name of ["pyodide.mjs", "pyodide.asm.mjs"]) copyFileSync(join(from, name), join(folder, name));
sizes["pyodide.asm.mjs"] = statSync(join(folder, "pyodide.asm.mjs")).size;
const { info } = JSON.parse(readFileSync(join(from, "pyodide-lock.json"), "utf8"));
const version = JSON.parse(readFileSync(join(from, "package.json"), "utf8")).version;
const library = readdirSync(packages).find((name) => name.startsWith("tarlatamab_rules-")).split("-")[1];
writeFileSync(join(folder, "..", "runtime.json"), `${JSON.stringify({ pyodide: version, python: info.python, library, info, sizes })}\n`);
console.log(JSON.stringify(sizes));
process.exit(0);

/** Writes a file, compressed so that any server sends it small, under a name that no server takes for a compressed file. */
function put(name, content) {
  const packed = gzipSync(content, { level: 9 });
  packed[9] = 255; // the byte that names the system
  sizes[name] = packed.length;
  writeFileSync(join(folder, `${name}.packed`), packed);
}
