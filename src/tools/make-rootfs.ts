export { findProgram } from "../engine/base/find-program.ts";
export { makeRootfs } from "../engine/image/make-rootfs.ts";
