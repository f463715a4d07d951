/** The acts of commands/image-commands.ts. */
export const IMAGE_ACTS = {} as const;
