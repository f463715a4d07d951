/** The acts of commands/container-commands.ts. */
export const CONTAINER_ACTS = {} as const;
