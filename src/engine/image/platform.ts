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
  if (second === undefined) return { os: "linux", architecture: ARCHITECTURES[first] ?? first };
  return { os: first, architecture: ARCHITECTURES[second] ?? second, ...(variant === undefined ? {} : { variant }) };
}

/** Throws EngineError where an image is for another platform than the caller wants. */
export function requirePlatform(name: string, { os, architecture, variant }: Platform, wanted: string): void {
  const asked = parsePlatform(wanted);
  const isVariant = asked.variant === undefined || asked.variant === variant;
  if (asked.os === os && asked.architecture === architecture && isVariant) return;
  throw new EngineError(`image ${name} is for ${os}/${architecture}, not for ${wanted}`, {
    code: "ERR_NOT_SUPPORTED",
    flag: "--platform",
    exitStatus: 125,
  });
}
