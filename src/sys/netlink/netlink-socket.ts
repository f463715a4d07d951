import { SystemError } from "../../base/errors.ts";
import { errnoName, errnoText } from "../../linux/errno.ts";
import { NETLINK, NLM_F, NLM_F_ACK_TLVS, NLM_F_CAPPED, NLMSG, NLMSGERR_ATTR_MSG } from "../../linux/netlink.ts";
import { close } from "../descriptors.ts";
import { attempt } from "../native.ts";
import {
  type Attribute,
  attributeText,
  dataView,
  decodeAttributes,
  decodeMessages,
  encodeMessage,
  type NetlinkMessage,
} from "./message.ts";

/** A request, but for its header. */
export interface NetlinkRequest {
  readonly type: number;
  readonly fixed: Uint8Array;
  readonly attributes: readonly Attribute[];
}

/** A netlink socket. It belongs to the network namespace that it was opened in, for good. Source: netlink(7). */
export class NetlinkSocket {
  readonly #fd: number;

  /** Opened in this process's network namespace, or in the one that the path names. Throws SystemError. */
  constructor(netnsPath?: string, protocol: keyof typeof NETLINK = "route") {
    const where = netnsPath === undefined ? "" : ` in the network namespace "${netnsPath}"`;
    this.#fd = attempt(`open a netlink socket${where}`, (addon) => addon.openNetlink(netnsPath, NETLINK[protocol]));
  }

  /** Has the kernel do something. `action` stands behind "Cannot". Throws SystemError with the kernel's reason. */
  change(action: string, request: NetlinkRequest, flags = 0): void {
    this.#exchange(action, request, NLM_F.request | NLM_F.ack | flags);
  }

  /** Asks for one object. */
  get(action: string, request: NetlinkRequest): NetlinkMessage | undefined {
    return this.#exchange(action, request, NLM_F.request | NLM_F.ack)[0];
  }

  /** Asks for all objects of a type. */
  dump(action: string, request: NetlinkRequest): readonly NetlinkMessage[] {
    return this.#exchange(action, request, NLM_F.request | NLM_F.dump);
  }

  close(): void {
    close(this.#fd);
  }

  #exchange(action: string, { type, fixed, attributes }: NetlinkRequest, flags: number): readonly NetlinkMessage[] {
    const request = encodeMessage(type, flags, fixed, attributes);
    const reply = attempt(action, (addon) => addon.netlinkExchange(this.#fd, request));
    const messages = [...decodeMessages(reply)];
    const refusal = messages.find((message) => message.type === NLMSG.error && errorOf(message) !== 0);
    if (refusal !== undefined) throw refused(action, refusal);
    return messages.filter((message) => message.type !== NLMSG.error && message.type !== NLMSG.done);
  }
}

/** Opens a socket for as long as `use` takes; of rtnetlink unless another protocol is named. */
export function withNetlink<T>(
  netnsPath: string | undefined,
  use: (socket: NetlinkSocket) => T,
  protocol: keyof typeof NETLINK = "route",
): T {
  const socket = new NetlinkSocket(netnsPath, protocol);
  try {
    return use(socket);
  } finally {
    socket.close();
  }
}

/** The errno of an acknowledgement, positive; 0 for success. */
function errorOf({ payload }: NetlinkMessage): number {
  return -dataView(payload).getInt32(0, true);
}

/** The size of nlmsgerr: the error and the header of the request. */
const NLMSGERR_SIZE = 20;

function refused(action: string, message: NetlinkMessage): SystemError {
  const errno = errorOf(message);
  const hasText = (message.flags & NLM_F_ACK_TLVS) !== 0 && (message.flags & NLM_F_CAPPED) !== 0;
  const text = hasText ? attributeText(decodeAttributes(message.payload, NLMSGERR_SIZE).get(NLMSGERR_ATTR_MSG)) : "";
  const reason = text === "" ? errnoText(errno) : `${errnoText(errno)}: ${text}`;
  return new SystemError(`Cannot ${action}: ${reason} (${errnoName(errno)})`, { syscall: "netlink", errno });
}
