// Python for a page: one worker, started when it is first needed. Nothing is loaded before.
const folder = new URL("./", import.meta.url);

/** What this build of the pages can run; null if it has no Python in it. */
export async function runtime() {
  const answer = await fetch(new URL("runtime.json", folder));
  const found = answer.ok ? await answer.json() : {};
  return found.sizes ? found : null;
}

/** Why this browser cannot run Python; empty if it can. */
export function lacking() {
  if (typeof WebAssembly !== "object") return "WebAssembly is switched off in this browser.";
  if (typeof Worker !== "function" || typeof DecompressionStream !== "function") return "This browser is too old.";
  return "";
}

export class Python {
  constructor(found, progress) {
    this.calls = new Map();
    this.last = 0;
    this.worker = new Worker(new URL("worker.js", folder), { type: "module" });
    const { sizes } = found;
    const total = sizes["python.zip"] + sizes["library.zip"] + sizes["pyodide.asm.wasm"];
    this.worker.onmessage = ({ data: { id, answer, error, loaded } }) => {
      if (loaded !== undefined) return progress(Math.min(loaded / total, 1));
      const { resolve, reject } = this.calls.get(id);
      this.calls.delete(id);
      return error === undefined ? resolve(answer) : reject(new Error(error));
    };
    this.worker.onerror = (event) => {
      this.stopped = true;
      for (const { reject } of this.calls.values()) reject(new Error(event.message || "Python cannot be loaded"));
      this.calls.clear();
    };
    this.ready = this.call("start", found);
  }

  call(name, ...args) {
    if (this.stopped) return Promise.reject(new Error("it broke down before; load the page again"));
    const id = (this.last += 1);
    this.worker.postMessage({ id, name, args });
    return new Promise((resolve, reject) => this.calls.set(id, { resolve, reject }));
  }
}
