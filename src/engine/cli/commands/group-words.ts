/**
 * Words that make a command together with the next one: "image ls". A command of a group has both words, with one space,
 * for its name.
 */
export const GROUP_WORDS: readonly string[] = ["container", "image", "network", "volume", "system"];

/** Other names of commands, as docker has them: the written words → the command's name. */
export const OTHER_NAMES: Readonly<Record<string, string>> = {
  // container-commands.ts
  "container ls": "ps",
  "container list": "ps",
  "container ps": "ps",
  "container remove": "rm",
  // image-commands.ts
  "container commit": "commit",
  "container export": "export",
  "image ls": "images",
  "image list": "images",
  "image rm": "rmi",
  "image remove": "rmi",
  "image history": "history",
  "image import": "import",
  "image load": "load",
  "image save": "save",
  "image tag": "tag",
  // network-commands.ts
  "network list": "network ls",
  "network remove": "network rm",
  // system-commands.ts
  "volume list": "volume ls",
  "volume remove": "volume rm",
  "system info": "info",
  "system events": "events",
};
