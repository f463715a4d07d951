import { Command } from "commander";
import { newNameArgument } from "./image-argument.ts";

export function imageBuildBaseCommand(): Command {
  return new Command("image build-base")
    .summary("make an image from this machine's busybox, or its shell")
    .addArgument(newNameArgument());
}
