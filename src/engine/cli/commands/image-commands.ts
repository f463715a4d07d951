import type { MakeCommand } from "../../../cli/assemble-program.ts";
import { commitCommand } from "./commit.ts";
import { exportCommand } from "./export.ts";
import { historyCommand } from "./history.ts";
import { imageBuildBaseCommand } from "./image-build-base.ts";
import { imageInspectCommand } from "./image-inspect.ts";
import { imagePruneCommand } from "./image-prune.ts";
import { imagesCommand } from "./images.ts";
import { importCommand } from "./import.ts";
import { loadCommand } from "./load.ts";
import { rmiCommand } from "./rmi.ts";
import { saveCommand } from "./save.ts";
import { tagCommand } from "./tag.ts";

/** The commands about images, in the order of the help. Each has its act in acts/image-acts.ts. */
export const IMAGE_COMMANDS: readonly MakeCommand[] = [
  imagesCommand,
  rmiCommand,
  tagCommand,
  historyCommand,
  imageInspectCommand,
  imagePruneCommand,
  imageBuildBaseCommand,
  commitCommand,
  importCommand,
  exportCommand,
  saveCommand,
  loadCommand,
];
