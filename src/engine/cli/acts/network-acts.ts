/** The acts of commands/network-commands.ts. */
export const NETWORK_ACTS = {} as const;
