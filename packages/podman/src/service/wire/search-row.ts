import type { SearchResult } from "@containers/image/local-images/search";

/** One find of a search, as both trees have it. */
export function searchRow(found: SearchResult) {
  return {
    Index: found.index,
    Name: found.name,
    Description: found.description,
    Stars: found.stars,
    Official: found.official ? "[OK]" : "",
    Automated: found.automated ? "[OK]" : "",
    Tag: found.tag ?? "",
  };
}
