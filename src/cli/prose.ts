/**
 * Makes one line of each paragraph that the source had to break. An indented line is an example and stays as it is; so
 * does the empty line between paragraphs.
 */
export function prose(text: string): string {
  return text.replace(/(?<=\S)\n(?=[^\s])/g, " ");
}
