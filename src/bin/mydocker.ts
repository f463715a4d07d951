import { VERSION } from "../cli/version.ts";

console.log(`mydocker version ${VERSION}`);
