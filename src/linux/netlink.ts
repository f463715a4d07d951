/** Numbers of rtnetlink. Source: include/uapi/linux/netlink.h, rtnetlink.h, if_link.h, if_addr.h, veth.h of Linux 6.18. */

/** Protocols of netlink sockets. Source: include/uapi/linux/netlink.h. */
export const NETLINK = { route: 0, netfilter: 12 } as const;

export const NLM_F = { request: 1, ack: 4, dump: 0x300, replace: 0x100, excl: 0x200, create: 0x400 } as const;

export const NLMSG = { error: 2, done: 3 } as const;

export const RTM = {
  newLink: 16,
  delLink: 17,
  getLink: 18,
  newAddr: 20,
  delAddr: 21,
  getAddr: 22,
  newRoute: 24,
  delRoute: 25,
  getRoute: 26,
} as const;

export const IFLA = {
  address: 1,
  ifname: 3,
  mtu: 4,
  link: 5,
  master: 10,
  linkInfo: 18,
  netNsFd: 28,
} as const;

/** Within IFLA_LINKINFO. */
export const IFLA_INFO = { kind: 1, data: 2, slaveKind: 4, slaveData: 5 } as const;

/** Within IFLA_INFO_SLAVE_DATA of a bridge's port: whether a frame may leave where it came in. */
export const IFLA_BRPORT_MODE = 4;

/** Within IFLA_INFO_DATA, by the link's kind. */
export const VETH_INFO_PEER = 1;
export const IFLA_MACVLAN_MODE = 1;

/** Source: include/uapi/linux/if_link.h, macvlan_mode. */
export const MACVLAN_MODES = { private: 1, vepa: 2, bridge: 4, passthru: 8 } as const;

export const IFA = { address: 1, local: 2, broadcast: 4 } as const;

/** No duplicate address detection: the address is used at once. */
export const IFA_F_NODAD = 2;

export const RTA = { dst: 1, oif: 4, gateway: 5, priority: 6 } as const;

export const IFF_UP = 1;

/** Source: include/uapi/linux/rtnetlink.h: RT_TABLE_MAIN, RTPROT_STATIC, RTN_UNICAST, RT_SCOPE_*. */
export const RT_TABLE_MAIN = 254;
export const RTPROT_STATIC = 4;
export const RTN_UNICAST = 1;

/** Source: include/linux/socket.h. */
export const AF = { unspec: 0, inet: 2, inet6: 10 } as const;

/** Attributes of an acknowledgement, and its flags. Source: include/uapi/linux/netlink.h, nlmsgerr_attrs. */
export const NLMSGERR_ATTR_MSG = 1;
export const NLM_F_CAPPED = 0x100;
export const NLM_F_ACK_TLVS = 0x200;

/** Source: include/uapi/linux/netfilter/nfnetlink.h, nfnetlink_conntrack.h: NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_*. */
export const CTNETLINK = { get: 0x101, delete: 0x102 } as const;

/** Of a tracked connection; within a tuple; within its addresses; within its protocol. */
export const CTA = { tupleOrig: 1, tupleReply: 2, zone: 18 } as const;
export const CTA_TUPLE = { ip: 1, proto: 2 } as const;
export const CTA_IP = { v4Destination: 2, v6Destination: 4 } as const;
export const CTA_PROTO = { number: 1, destinationPort: 3 } as const;

/** Source: include/uapi/linux/in.h. */
export const IPPROTO_UDP = 17;
