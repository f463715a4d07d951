import { VERSION } from "../base/version.ts";

console.log(`mydocker version ${VERSION}`);
