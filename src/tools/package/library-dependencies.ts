import { runCommand } from "../run-command.ts";

/** Debian's packages of the libraries that executables need, with the oldest versions that have all symbols. */
export function libraryDependencies(files: readonly string[]): readonly string[] {
  return dependenciesOf(files.map(dynamicSection).join("\n"));
}

/** As libraryDependencies, from what `objdump -p` prints of the files. Throws Error for a library that it does not know. */
export function dependenciesOf(objdump: string): readonly string[] {
  const libraries = matches(objdump, /^ +NEEDED +(\S+)$/gm);
  const unknown = libraries.filter((name) => PACKAGES[name] === undefined);
  if (unknown.length > 0) throw new Error(`no package is known for ${unknown.join(", ")}`);
  const packages = new Set(libraries.map((name) => PACKAGES[name]));
  const glibc = newest(matches(objdump, / GLIBC_([0-9.]+)$/gm));
  return [...packages].sort().map((name) => (name === "libc6" ? `libc6 (>= ${glibc})` : (name ?? "")));
}

/** By soname. libstdc++'s and libgcc's symbols that are used are those of GCC 7 at most, older than any glibc in question. */
const PACKAGES: Readonly<Record<string, string>> = {
  "libc.so.6": "libc6",
  "libm.so.6": "libc6",
  "libdl.so.2": "libc6",
  "libpthread.so.0": "libc6",
  "ld-linux-x86-64.so.2": "libc6",
  "ld-linux-aarch64.so.1": "libc6",
  "libstdc++.so.6": "libstdc++6 (>= 7)",
  "libgcc_s.so.1": "libgcc-s1",
};

function dynamicSection(file: string): string {
  const { succeeded, output } = runCommand(["objdump", "-p", file]);
  if (!succeeded) throw new Error(`objdump -p ${file}: ${output}`);
  return output;
}

function matches(text: string, pattern: RegExp): readonly string[] {
  return [...new Set([...text.matchAll(pattern)].map(([, found = ""]) => found))];
}

/** The greatest of "2.9", "2.33", "2.2.5". */
function newest(versions: readonly string[]): string {
  const sorted = versions.toSorted((a, b) => a.localeCompare(b, "en", { numeric: true }));
  return sorted.at(-1) ?? "";
}
