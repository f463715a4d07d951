export { findProgram, makeRootfs } from "../engine/image/make-rootfs.ts";
