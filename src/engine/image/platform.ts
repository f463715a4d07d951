import { UsageError } from "../../base/errors.ts";
import { EngineError } from "../base/errors.ts";

/** Go's names of architectures, by Node's. Source: image-spec config.md, "architecture". */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: "amd64",
  ia32: "386",
  arm64: "arm64",
  arm: "arm",
  ppc64: "ppc64le",
  s390x: "s390x",
  riscv64: "riscv64",
  loong64: "loong64",
};

export function ociArchitecture(nodeArchitecture: string): string {
  return ARCHITECTURES[nodeArchitecture] ?? nodeArchitecture;
}

export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

/** Parses "os/architecture" or "os/architecture/variant", or an architecture alone. Throws UsageError. */
export function parsePlatform(text: string): Platform {
  const [first = "", second, variant, more] = text.split("/");
  const isValid = /^[a-z0-9]+(?:\/[a-z0-9_]+){0,2}$/.test(text) && more === undefined;
  if (!isValid) {
    throw new UsageError(`Cannot take ${JSON.stringify(text)} for a platform`, {
      flag: "--platform",
      fix: "write it as os/architecture[/variant], such as linux/arm64",
    });
  }
  if (text === "linux") return { os: text, architecture: ociArchitecture(process.arch) };
  if (second === undefined) return { os: "linux", architecture: ARCHITECTURES[first] ?? first };
  return { os: first, architecture: ARCHITECTURES[second] ?? second, ...(variant === undefined ? {} : { variant }) };
}

/**
 * Throws EngineError where an image is for another platform than the caller asked for; one that this machine cannot run is
 * told where nothing was asked for. Both in docker's words.
 */
export function checkPlatform(
  name: string,
  image: Platform,
  wanted: string | undefined,
  warn: (message: string) => void,
): void {
  if (wanted !== undefined) {
    requirePlatform(name, image, wanted);
    return;
  }
  const host = ociArchitecture(process.arch);
  if (image.os === "linux" && (image.architecture === host || image.architecture === RUNS_TOO[host])) return;
  warn(
    `The requested image's platform (${shown(image)}) does not match the detected host platform (linux/${host}) and no specific platform was requested`,
  );
}

/** What else the processors of an architecture execute. */
const RUNS_TOO: Readonly<Record<string, string>> = { amd64: "386", arm64: "arm" };

function requirePlatform(name: string, image: Platform, wanted: string): void {
  const { os, architecture, variant } = parsePlatform(wanted);
  const isVariant = variant === undefined || variant === image.variant;
  if (os === image.os && architecture === image.architecture && isVariant) return;
  throw new EngineError(
    `image with reference ${name} was found but does not match the specified platform: wanted ${wanted}, actual: ${shown(image)}`,
    { code: "ERR_NOT_SUPPORTED", flag: "--platform", exitStatus: 125 },
  );
}

function shown({ os, architecture, variant }: Platform): string {
  return `${os}/${architecture}${variant === undefined ? "" : `/${variant}`}`;
}
