export { actInNamespace as act } from "./doctor.ts";
