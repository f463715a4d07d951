import { EngineError } from "../../base/errors.ts";
import { humanSize } from "../../base/human-size.ts";
import { needsOwnMounts, withContainerFiles } from "../../container/copy/container-files.ts";
import { type CopyEnd, copyFiles, copyFromArchive, copyToArchive } from "../../container/copy/copy-files.ts";
import { type CopyPlace, parseCopyPlace } from "../../container/copy/copy-place.ts";
import type { EngineContext } from "../../container/engine-context.ts";
import { findContainer } from "../../container/store.ts";
import { sourceChunks } from "../../image/archive-source.ts";
import type { EngineAct, EngineSurroundings } from "../act.ts";
import type { EngineFlags } from "../call.ts";
import { engineContext } from "../engine-context.ts";
import { enterOwnMounts, hasOwnMounts } from "../enter-namespaces.ts";
import { withFileOutput } from "../file-output.ts";

export const act: EngineAct<"cp"> = async ({ flags, args: [from, to = ""] }, at) => {
  const context = engineContext(at);
  const [source, target] = [parseCopyPlace(from), parseCopyPlace(to)];
  const inside = theContainer(source, target);
  const record = findContainer(context.paths, inside.container);
  if (needsOwnMounts(context.paths, record) && !hasOwnMounts()) {
    enterOwnMounts(context.paths, ["cp", ...flagWords(flags), "--", from, to]);
  }
  const bytes = await withContainerFiles(context.paths, record, hasOwnMounts(), (root) =>
    copy({ context, at, flags, root, source, target }),
  );
  if (bytes !== undefined && !flags.quiet && at.host.isTerminal(2)) {
    at.host.write(2, `Successfully copied ${humanSize(bytes)} to ${to}\n`);
  }
};

/** Read again after this process has become another one. */
function flagWords(flags: EngineFlags<"cp">): readonly string[] {
  return (["archive", "follow-link", "quiet"] as const).flatMap((name) => (flags[name] ? [`--${name}`] : []));
}

function theContainer(source: CopyPlace, target: CopyPlace): CopyPlace & { readonly kind: "container" } {
  if (source.kind === "container" && target.kind === "container")
    throw new EngineError("copying between containers is not supported", { code: "ERR_USAGE" });
  if (source.kind === "container") return source;
  if (target.kind === "container") return target;
  throw new EngineError("must specify at least one container source", { code: "ERR_USAGE" });
}

interface Copying {
  readonly context: EngineContext;
  readonly at: EngineSurroundings;
  readonly flags: EngineFlags<"cp">;
  /** Of the container. */
  readonly root: string;
  readonly source: CopyPlace;
  readonly target: CopyPlace;
}

/** The bytes of the files; undefined where they went into an archive. */
async function copy({ context, at, flags, root, source, target }: Copying): Promise<number | undefined> {
  const follows = flags["follow-link"];
  if (target.kind === "stream") {
    await withFileOutput(at, undefined, (sink) => copyToArchive(endOf(context, root, source), follows, sink));
    return undefined;
  }
  // In a container files are root's, and on the host the caller's.
  const owner = flags.archive ? undefined : target.kind === "container" ? ROOT : OWN;
  const end = endOf(context, root, target);
  if (source.kind === "stream") return await copyFromArchive(sourceChunks({ kind: "stdin" }), end, owner);
  return await copyFiles(endOf(context, root, source), end, { follows, owner });
}

const ROOT = { uid: 0, gid: 0 } as const;
const OWN = { uid: -1, gid: -1 } as const;

function endOf({ cwd }: EngineContext, root: string, place: CopyPlace): CopyEnd {
  switch (place.kind) {
    case "container":
      return {
        root,
        path: place.path.startsWith("/") ? place.path : `/${place.path}`,
        missing: () => fail(`Could not find the file ${place.path} in container ${place.container}`),
      };
    case "host": {
      // A slash or "/." at its end means something.
      const path = place.path.startsWith("/") ? place.path : `${cwd}/${place.path}`;
      return { root: "/", path, missing: () => fail(`lstat ${path}: no such file or directory`) };
    }
    case "stream":
      throw new TypeError("an archive has no root");
  }
}

function fail(message: string): never {
  throw new EngineError(message, { code: "ERR_NO_SUCH_OBJECT" });
}
