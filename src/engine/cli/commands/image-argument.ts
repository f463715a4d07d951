import { Argument } from "commander";

/** One image, by name, digest, id or the beginning of its id. */
export function imageArgument(): Argument {
  return new Argument("<image>", "the image's name, digest, id, or the beginning of its id");
}

export function imagesArgument(): Argument {
  return new Argument("<image...>", "names, digests, ids, or beginnings of ids of images");
}

/** What a new image is called. */
export function newNameArgument(): Argument {
  return new Argument("[name]", "the new image's name: [registry/]repository[:tag]");
}
