import type { ImageRecord } from "@containers/storage/store";

/**
 * Texts that a user may want to type for an image: its full names; once something is typed also the names without registry and path; once
 * two characters are typed also the id.
 */
export function imageWords(image: Pick<ImageRecord, "id" | "names">, typed: string): string[] {
  const words: string[] = [...image.names];
  if (typed !== "") {
    for (const name of image.names) {
      for (let slash = name.indexOf("/"); slash >= 0; slash = name.indexOf("/", slash + 1)) words.push(name.slice(slash + 1));
    }
  }
  if (typed.length > 1) words.push(typed.length > 12 ? image.id : image.id.slice(0, 12));
  return [...new Set(words)];
}
