import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { HttpError } from "../../errors-to-http.ts";
import { list } from "./build-arguments.ts";
import { requireWithin } from "./build-context.ts";

/** Where a build's files are: the unpacked context, and the place around it that goes with the build. */
export interface BuildPlaces {
  readonly context: string;
  readonly anchor: string;
}

/**
 * `secrets`: files that came with the context are moved out of it, so that no COPY takes them along.
 * @throws HttpError 400 for one that the context does not have
 */
export function secretFlags(query: URLSearchParams, { context, anchor }: BuildPlaces): string[] {
  return list(query, "secrets").map((secret, index) => {
    const words = secret.split(",").map((word) => {
      const source = /^(?:src|source)=(.*)$/.exec(word)?.[1];
      if (source === undefined) return word;
      const place = join(anchor, `secret-${index}`);
      try {
        renameSync(requireWithin(context, join(context, source)), place);
      } catch (error) {
        const because = error instanceof Error ? error.message : String(error);
        throw new HttpError(400, `failed to parse query parameter 'secrets': ${JSON.stringify(secret)}: ${because}`, { because });
      }
      return `src=${place}`;
    });
    return `--secret=${words.join(",")}`;
  });
}

/** `excludes`: the client's own ignore rules, in place of those of the context. */
export function excludeFlags(query: URLSearchParams, { anchor }: BuildPlaces): string[] {
  const patterns = list(query, "excludes");
  if (patterns.length === 0) return [];
  const path = join(anchor, "excludes");
  writeFileSync(path, `${patterns.join("\n")}\n`, { mode: 0o600 });
  return [`--ignorefile=${path}`];
}
