export interface Wish {
  readonly height: number;
  /** Where its middle would be best. */
  readonly middle: number;
}

/** The upper edges of boxes that are below each other without touching, each as near to where it is best as those above let it. Pure. */
export function placeColumn(wishes: readonly Wish[], top: number, space: number): readonly number[] {
  const edges = wishes.map(() => top);
  let free = top;
  const order = wishes.map((_, index) => index).sort((a, b) => middleOf(wishes[a]) - middleOf(wishes[b]) || a - b);
  for (const index of order) {
    const height = wishes[index]?.height ?? 0;
    const edge = Math.max(free, Math.round(middleOf(wishes[index]) - height / 2));
    edges[index] = edge;
    free = edge + height + space;
  }
  return edges;
}

function middleOf(wish: Wish | undefined): number {
  return wish?.middle ?? 0;
}
