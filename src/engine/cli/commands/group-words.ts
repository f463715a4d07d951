/**
 * Words that make a command together with the next one: "image ls". A command of a group has both words, with one space,
 * for its name.
 */
export const GROUP_WORDS: readonly string[] = ["container", "image", "network", "volume", "system"];

/** What docker has in the group `container` beside the commands that have a name with it. */
const OF_CONTAINERS: readonly string[] = [
  "attach",
  "cp",
  "create",
  "diff",
  "exec",
  "inspect",
  "kill",
  "logs",
  "pause",
  "port",
  "rename",
  "restart",
  "rm",
  "run",
  "start",
  "stats",
  "stop",
  "top",
  "unpause",
  "update",
  "wait",
];

/** Second names, which the help leaves out. */
const SYNONYMS = /^\w+ (list|remove|ps)$/;

/** The commands of a group, sorted, as they are written and with their names: "image ls" is "images". */
export function commandsOf(group: string, all: readonly string[]): readonly (readonly [words: string, name: string])[] {
  const own = all.filter((name) => name.startsWith(`${group} `)).map((name) => [name, name] as const);
  const others = Object.entries(OTHER_NAMES).filter(
    ([words]) => words.startsWith(`${group} `) && !SYNONYMS.test(words),
  );
  const plain = group === "container" ? OF_CONTAINERS.map((name) => [`${group} ${name}`, name] as const) : [];
  return [...own, ...others, ...plain].sort(([a], [b]) => (a < b ? -1 : 1));
}

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
