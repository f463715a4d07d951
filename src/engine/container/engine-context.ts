import type { EnginePaths } from "../base/paths.ts";

/** What every operation on containers needs to know. */
export interface EngineContext {
  readonly paths: EnginePaths;
  /** `mydocker` with its global flags, for what a monitor starts. */
  readonly selfArgv: readonly string[];
  readonly warn: (message: string) => void;
  /** The current directory, which relative paths start from. */
  readonly cwd: string;
  /** Notes that a phase of the command has ended, where somebody wants to know how long each took. */
  readonly endPhase?: (name: string) => void;
}
