import { randomBytes } from "../base/random-bytes.ts";

/** A name for a container that was given none, such as "brisk_heron42". */
export function randomName(): string {
  return `${pick(MANNERS)}_${pick(BIRDS)}${10 + random(90)}`;
}

function pick(words: readonly string[]): string {
  return words[random(words.length)] ?? "";
}

/** From 0 up to a small limit; names need no even spread. */
function random(limit: number): number {
  return randomBytes(4).readUInt32LE() % limit;
}

const MANNERS = (
  "agile able amber brave brisk bright calm candid clever cosy crisp daring deft eager early easy fair fleet fond frank " +
  "free fresh gentle glad golden grand happy hardy honest humble ideal jolly keen kind light lively loyal lucky mellow " +
  "merry mild neat nimble noble patient plain polite proud quick quiet rapid ready robust rustic sharp silent simple sleek " +
  "smart snug sober solid sound spry steady still sturdy subtle sunny swift tidy tranquil trusty upbeat vivid warm wise witty"
).split(" ");

const BIRDS = (
  "avocet bittern brant bunting buzzard condor coot crake crane crow cuckoo curlew dipper dove duck dunlin eagle egret " +
  "eider falcon finch flicker gannet godwit goose grebe grouse gull harrier hawk heron hoopoe ibis jackdaw jay kestrel " +
  "kingfisher kite knot lapwing lark linnet loon magpie martin merlin nightjar nuthatch oriole osprey ouzel owl petrel " +
  "pigeon pipit plover puffin quail raven robin rook ruff shrike siskin snipe sparrow starling stint stork swallow swan " +
  "swift teal tern thrush tit treecreeper turnstone wagtail warbler whimbrel whinchat wigeon wren wryneck"
).split(" ");
