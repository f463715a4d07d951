import { utf8Length } from "./utf8-length.ts";

/** The longest name in bytes: IFNAMSIZ holds a NUL as well. Source: netdevice(7). */
const LENGTH_MAX = 15;

/**
 * Whether the kernel takes a text as a network interface's name. Source: net/core/dev.c (dev_valid_name) of Linux 6.18:
 * no slash, colon or white space, neither "." nor "..".
 */
export function isInterfaceName(name: string): boolean {
  return utf8Length(name) <= LENGTH_MAX && /^(?!\.{1,2}$)[^/:\s]+$/.test(name);
}
