import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout's directory, absolute. This file runs from src/tools and, compiled, from build/src/tools. */
export const PROJECT_ROOT = findRoot(dirname(fileURLToPath(import.meta.url)));

function findRoot(directory: string): string {
  const root = resolve(directory, "../..");
  return root.endsWith("/build") ? dirname(root) : root;
}
