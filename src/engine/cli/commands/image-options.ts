import type { Option } from "commander";
import { textFlag } from "../../../cli/option-kinds.ts";

export function platformFlag(): Option {
  return textFlag("--platform <platform>", "the platform that it is for: os/architecture[/variant]");
}

export function maxSizeFlag(): Option {
  return textFlag(
    "--max-size <bytes>",
    "how much the files of a layer may take together, such as 20g; 256g by default",
  );
}
