import { EngineError } from "./errors.ts";

/** The name of an image, whole: a registry, a repository, and a tag or a digest. */
export interface ImageReference {
  readonly domain: string;
  readonly path: string;
  readonly tag?: string;
  readonly digest?: string;
}

const DEFAULT_DOMAIN = "docker.io";
const DEFAULT_TAG = "latest";

/** Source: distribution's reference grammar, as its documentation gives it. */
const DOMAIN =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?$/;
const PATH = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const MAX_NAME = 255;

/** Parses a name as docker does: "busybox" is docker.io/library/busybox. Throws EngineError. */
export function parseReference(text: string): ImageReference {
  const [rest, digest] = splitOnce(text, text.indexOf("@"));
  const colon = rest.lastIndexOf(":");
  const [name, tag] = splitOnce(rest, colon > rest.lastIndexOf("/") ? colon : -1);
  const { domain, path } = splitDomain(name);
  const isValid =
    DOMAIN.test(domain) &&
    PATH.test(path) &&
    `${domain}/${path}`.length <= MAX_NAME &&
    (tag === undefined || TAG.test(tag)) &&
    (digest === undefined || DIGEST.test(digest));
  if (!isValid) throw invalid(text);
  return { domain, path, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}

/** As parseReference, with the tag "latest" where there is neither a tag nor a digest. */
export function parseTagged(text: string): ImageReference {
  const reference = parseReference(text);
  return reference.tag === undefined && reference.digest === undefined ? { ...reference, tag: DEFAULT_TAG } : reference;
}

/** The whole form, which the store keeps: "docker.io/library/busybox:latest". */
export function fullReference({ domain, path, tag, digest }: ImageReference): string {
  return `${domain}/${path}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}

/** The name without tag and digest, in the form that docker shows: "busybox", "quay.io/a/b". */
export function familiarName({ domain, path }: ImageReference): string {
  if (domain !== DEFAULT_DOMAIN) return `${domain}/${path}`;
  return path.startsWith("library/") && !path.slice(8).includes("/") ? path.slice(8) : path;
}

/** The short form of a whole name; what is no name of this form is shown as it is. */
export function familiarReference(full: string): string {
  try {
    const reference = parseReference(full);
    const { tag, digest } = reference;
    return `${familiarName(reference)}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
  } catch {
    return full;
  }
}

function splitDomain(name: string): { readonly domain: string; readonly path: string } {
  const slash = name.indexOf("/");
  const first = name.slice(0, Math.max(0, slash));
  // A first part without a dot or a colon is a directory of the default registry.
  const isDomain = slash !== -1 && (/[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase());
  const domain = isDomain ? first : DEFAULT_DOMAIN;
  const path = isDomain ? name.slice(slash + 1) : name;
  if (domain === "index.docker.io") return { domain: DEFAULT_DOMAIN, path: withLibrary(path) };
  return { domain, path: domain === DEFAULT_DOMAIN ? withLibrary(path) : path };
}

function withLibrary(path: string): string {
  return path.includes("/") ? path : `library/${path}`;
}

function splitOnce(text: string, at: number): readonly [string, string | undefined] {
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function invalid(text: string): EngineError {
  const lower = text.toLowerCase();
  const isCase = lower !== text && isReference(lower);
  const why = isCase ? "repository name must be lowercase" : "invalid reference format";
  return new EngineError(`Cannot take ${JSON.stringify(text)} as the name of an image: ${why}`, {
    code: "ERR_USAGE",
    fix: 'write it as [registry/]repository[:tag], in lower case, such as "web:1.0"',
  });
}

function isReference(text: string): boolean {
  try {
    parseReference(text);
    return true;
  } catch {
    return false;
  }
}
