import { findHelper, helperSucceeded, runHelper } from "../../../sys/run-helper.ts";
import { EngineError } from "../../base/errors.ts";
import { isRecord } from "../../base/json-store.ts";
import type { ForeignDrop } from "./firewall.ts";
import { TABLE } from "./nft-base-rules.ts";

/** Carries out a script in one transaction: all of it or, with an EngineError that has nft's own words, nothing. */
export function applyRules(action: string, script: readonly string[]): void {
  const result = runNft(["-f", "-"], `${script.join("\n")}\n`);
  if (helperSucceeded(result)) return;
  throw new EngineError(`Cannot ${action}: nft refuses the rules: ${firstLine(result.output)}`, { code: "ERR_SYSTEM" });
}

/** As applyRules, but false where nft refuses. */
export function tryRules(script: readonly string[]): boolean {
  return helperSucceeded(runNft(["-f", "-"], `${script.join("\n")}\n`));
}

/** An element of one of the maps of published ports. */
export interface PublishedElement {
  readonly map: string;
  readonly key: string;
  /** Where it goes: the chain of a container. */
  readonly chain: string;
}

export interface RulesInForce {
  readonly elements: readonly PublishedElement[];
  readonly chains: readonly string[];
}

/** What is in the table now; empty where there is no table. */
export function readRules(): RulesInForce {
  const result = runNft(["-j", "list", "table", ...TABLE.split(" ")]);
  if (!helperSucceeded(result)) return { elements: [], chains: [] };
  const objects = nftObjects(result.output);
  return {
    elements: objects.flatMap((object) => mapElements(object["map"])),
    chains: objects.flatMap(({ chain }) =>
      isRecord(chain) && typeof chain["name"] === "string" ? [chain["name"]] : [],
    ),
  };
}

/** A chain of the table as nft prints it; undefined where there is none. */
export function showChain(chain: string): string | undefined {
  const result = runNft(["list", "chain", ...TABLE.split(" "), chain]);
  return helperSucceeded(result) ? result.output : undefined;
}

/** The chains of others that drop what no rule of theirs lets pass, of what is forwarded or meant for this host. */
export function foreignDrops(): readonly ForeignDrop[] {
  const result = runNft(["-j", "list", "chains"]);
  if (!helperSucceeded(result)) return [];
  return nftObjects(result.output).flatMap(({ chain }) => {
    if (!isRecord(chain) || chain["policy"] !== "drop") return [];
    const { hook } = chain;
    if (hook !== "forward" && hook !== "input") return [];
    return [{ hook, chain: `table ${chain["family"]} ${chain["table"]}, chain ${chain["name"]} (policy drop)` }];
  });
}

function nftObjects(output: string): readonly Readonly<Record<string, unknown>>[] {
  const listing: unknown = JSON.parse(output);
  return isRecord(listing) && Array.isArray(listing["nftables"]) ? listing["nftables"].filter(isRecord) : [];
}

/** Whether nft(8) is installed. */
export function hasNft(): boolean {
  return findHelper("nft") !== undefined;
}

function runNft(args: readonly string[], input?: string) {
  const path = findHelper("nft");
  if (path === undefined) {
    throw new EngineError("Cannot make the rules of a network: neither nft nor iptables is installed", {
      code: "ERR_NOT_SUPPORTED",
      fix: "install nftables",
    });
  }
  return runHelper(path, args, input === undefined ? {} : { input });
}

function firstLine(output: string): string {
  return output.split("\n")[0]?.trim() ?? "";
}

/** In JSON an element is [{elem: {val: {concat: [...]}}}, {goto: {target}}], or the same without elem or concat. */
function mapElements(map: unknown): readonly PublishedElement[] {
  if (!isRecord(map) || typeof map["name"] !== "string" || !Array.isArray(map["elem"])) return [];
  const name = map["name"];
  return map["elem"].flatMap((pair: unknown) => {
    if (!Array.isArray(pair)) return [];
    const [left, right]: readonly unknown[] = pair;
    const chain = gotoTarget(right);
    const key = elementKey(left);
    return chain === undefined || key === undefined ? [] : [{ map: name, key, chain }];
  });
}

function elementKey(left: unknown): string | undefined {
  const elem = isRecord(left) && isRecord(left["elem"]) ? left["elem"]["val"] : left;
  const concat = isRecord(elem) ? elem["concat"] : undefined;
  return Array.isArray(concat) ? concat.map(String).join(" . ") : undefined;
}

function gotoTarget(right: unknown): string | undefined {
  const verdict = isRecord(right) ? right["goto"] : undefined;
  return isRecord(verdict) && typeof verdict["target"] === "string" ? verdict["target"] : undefined;
}
