/** The acts of commands/volume-commands.ts. */
export const VOLUME_ACTS = {} as const;
