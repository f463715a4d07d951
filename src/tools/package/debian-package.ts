import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { mustRun } from "./must-run.ts";
import type { PackageFile } from "./package-file.ts";
import { stage } from "./stage.ts";
import type { PackageContents } from "./tarball.ts";

/** What the package's own description adds. */
export interface DebianControl {
  readonly depends: readonly string[];
  readonly recommends: readonly string[];
  readonly suggests: readonly string[];
  readonly maintainer: string;
  /** One line, without an article. */
  readonly summary: string;
  /** Lines of at most 79 characters. */
  readonly description: readonly string[];
}

/**
 * Makes NAME_VERSION_ARCHITECTURE.deb, which installs to /usr. `scratch` is an empty directory. The same contents give
 * the same bytes. Throws Error with what dpkg-deb says. Source: deb(5), deb-control(5), dpkg-deb(1).
 */
export function makeDebianPackage(
  name: string,
  contents: PackageContents & DebianControl,
  output: string,
  scratch: string,
): string {
  const { files, architecture, epoch } = contents;
  const version = debianVersion(contents.version);
  stage(join(scratch, "usr"), files, epoch);
  const control = { name, version, size: installedSize(scratch, files) };
  mkdirSync(join(scratch, "DEBIAN"));
  stage(join(scratch, "DEBIAN"), controlFiles(scratch, contents, control), epoch);
  stage(scratch, [], epoch);
  const file = join(output, `${name}_${version}_${architecture}.deb`);
  // xz makes 5 % less in ten times the time. dpkg takes the time of what it adds by itself from the environment.
  const build = ["dpkg-deb", "--root-owner-group", "-Zzstd", "-z9", "--build", scratch, file];
  mustRun(["env", `SOURCE_DATE_EPOCH=${epoch}`, ...build]);
  return file;
}

/** "0.2.0-rc.1" is older than "0.2.0": what a tilde says. Source: deb-version(7). */
export function debianVersion(version: string): string {
  return version.replaceAll("-", "~");
}

interface ControlValues {
  readonly name: string;
  readonly version: string;
  readonly size: number;
}

function controlFiles(
  scratch: string,
  contents: PackageContents & DebianControl,
  values: ControlValues,
): PackageFile[] {
  const file = (path: string, bytes: string): PackageFile => ({ path, mode: 0o644, content: { bytes } });
  return [file("control", controlText(contents, values)), file("md5sums", checksums(scratch, contents.files))];
}

function controlText(contents: PackageContents & DebianControl, { name, version, size }: ControlValues): string {
  const fields: Readonly<Record<string, string>> = {
    Package: name,
    Version: version,
    Architecture: contents.architecture,
    Maintainer: contents.maintainer,
    "Installed-Size": String(size),
    Depends: contents.depends.join(", "),
    Recommends: contents.recommends.join(", "),
    Suggests: contents.suggests.join(", "),
    Section: "admin",
    Priority: "optional",
    Description: [contents.summary, ...contents.description.map((line) => ` ${line === "" ? "." : line}`)].join("\n"),
  };
  return Object.entries(fields)
    .map(([field, value]) => `${field}: ${value}\n`)
    .join("");
}

/** In KiB, each file rounded up, as dpkg-gencontrol(1) counts. */
function installedSize(scratch: string, files: readonly PackageFile[]): number {
  const sizes = files.map(({ path, content }) =>
    "linkTo" in content ? 1 : Math.ceil(statSync(join(scratch, "usr", path)).size / 1024),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** What `dpkg --verify` compares with. */
function checksums(scratch: string, files: readonly PackageFile[]): string {
  const regular = files.filter(({ content }) => !("linkTo" in content)).map(({ path }) => path);
  return regular
    .sort()
    .map((path) => {
      const sum = createHash("md5")
        .update(readFileSync(join(scratch, "usr", path)))
        .digest("hex");
      return `${sum}  usr/${path}\n`;
    })
    .join("");
}
