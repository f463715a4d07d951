/**
 * The kernel parameters that can forbid an ordinary user to make a user namespace. The first is of every kernel since
 * 4.9, the second of Debian's, the third of Ubuntu's since 23.10. Source: namespaces(7), the patches of those kernels.
 */
export const USER_NAMESPACE_SYSCTLS = [
  "user.max_user_namespaces",
  "kernel.unprivileged_userns_clone",
  "kernel.apparmor_restrict_unprivileged_userns",
] as const;
