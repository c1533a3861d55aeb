import { readFileSync } from "node:fs";
import { describeError, ToolError, wrapError } from "@containers/common/errors/tool-error";
import { isNameOnly, type NamedReference, parseNormalizedName, withDigest, withTag } from "@containers/image/reference/reference";
import type { RegistryAccess } from "@containers/image/transports/transport";
import * as z from "zod/mini";
import type { SyncLog } from "./plan.ts";
import { semverConstraint } from "./semver-constraint.ts";

/** A registry of the file: what to take from it, and how it is reached. */
interface RegistryEntry {
  /** The words of the file's keys, which are lower case with hyphens. */
  readonly images: Readonly<Record<string, readonly string[]>>;
  readonly byTagRegex: Readonly<Record<string, string>>;
  readonly bySemver: Readonly<Record<string, string>>;
  readonly access: RegistryAccess;
}

export interface YamlImage {
  readonly name: NamedReference;
  readonly access: RegistryAccess;
  /** The part of the file that it is from. */
  readonly group: string;
}

export interface YamlPorts {
  /** How registries are reached where the file says nothing. */
  readonly access: RegistryAccess;
  readonly listTags: (repository: NamedReference, access: RegistryAccess) => Promise<readonly string[]>;
  /** Told of every part of the file: that it is at work, or passed over, and why. */
  readonly log: SyncLog;
}

// YAML has more kinds of scalars than the file means: a tag 1.0 is a number to it.
const word = z.pipe(z.union([z.string(), z.number(), z.boolean()]), z.transform(String));
const registrySchema = z.nullish(
  z.object({
    images: z.nullish(z.record(z.string(), z.nullish(z.array(word)))),
    "images-by-tag-regex": z.nullish(z.record(z.string(), word)),
    "images-by-semver": z.nullish(z.record(z.string(), word)),
    credentials: z.nullish(z.object({ username: z.optional(word), password: z.optional(word) })),
    "tls-verify": z.nullish(z.boolean()),
    "cert-dir": z.nullish(z.string()),
  }),
);
const fileSchema = z.nullish(z.record(z.string(), registrySchema));

/**
 * The images that a source file of `skopeo sync --src yaml` names (skopeo-sync(1)), in the file's order. What cannot be
 * used, such as one misspelt tag, is passed over with a warning; the rest goes on.
 *
 * @throws not-found, invalid-argument when the file cannot be read
 */
export async function yamlImages(path: string, ports: YamlPorts): Promise<readonly YamlImage[]> {
  const found: YamlImage[] = [];
  for (const [registry, entry] of Object.entries(parseSourceFile(path, ports.access))) {
    const { images, byTagRegex, bySemver } = entry;
    if ([images, byTagRegex, bySemver].every((part) => Object.keys(part).length === 0))
      ports.log("warning", "No images specified for registry", { registry });
    const take = async (repository: string, choose: (named: NamedReference) => Promise<readonly NamedReference[]>): Promise<void> => {
      const fields = { registry, repo: repository };
      ports.log("info", "Processing repo", fields);
      try {
        const chosen = await choose(parseRepository(`${registry}/${repository}`));
        if (chosen.length === 0) ports.log("warning", "No refs to sync found", fields);
        found.push(...chosen.map((name) => ({ name, access: entry.access, group: `${found.length} ${name.name}` })));
      } catch (error) {
        ports.log("error", "Error processing repo, skipping", fields);
        ports.log("error", describeError(error));
      }
    };
    const tagged = async (named: NamedReference, fits: (tag: string) => boolean): Promise<readonly NamedReference[]> => {
      ports.log("info", "Querying registry for image tags", { registry, repo: named.path });
      ports.log("info", "Getting tags", { image: named.name });
      return (await tagsOf(named, entry.access, ports)).filter(fits).map((tag) => withTag(named, tag));
    };
    for (const [repository, words] of Object.entries(images)) {
      await take(repository, async (named) => (words.length === 0 ? tagged(named, () => true) : namedImages(named, words, ports.log)));
    }
    for (const [repository, pattern] of Object.entries(byTagRegex)) {
      await take(repository, async (named) => tagged(named, tagPattern(pattern)));
    }
    for (const [repository, constraint] of Object.entries(bySemver)) {
      await take(repository, async (named) => tagged(named, semverConstraint(constraint)));
    }
  }
  return found;
}

async function tagsOf(repository: NamedReference, access: RegistryAccess, ports: YamlPorts): Promise<readonly string[]> {
  try {
    return await ports.listTags(repository, access);
  } catch (error) {
    throw wrapError(`Error determining repository tags for repo ${repository.name}`, error);
  }
}

function parseSourceFile(path: string, access: RegistryAccess): Readonly<Record<string, RegistryEntry>> {
  let content: unknown;
  try {
    content = Bun.YAML.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw wrapError(`Failed to unmarshal "${path}"`, error);
  }
  const parsed = z.safeParse(fileSchema, content);
  if (!parsed.success) {
    const { path: at, message } = parsed.error.issues[0] ?? { path: [], message: "unknown content" };
    throw new ToolError("invalid-argument", `Failed to unmarshal "${path}": ${at.join(".")}: ${message}`);
  }
  return Object.fromEntries(Object.entries(parsed.data ?? {}).map(([registry, entry]) => [registry, registryEntry(entry, access)]));
}

function registryEntry(entry: z.infer<typeof registrySchema>, access: RegistryAccess): RegistryEntry {
  const { username = "", password = "" } = entry?.credentials ?? {};
  return {
    images: Object.fromEntries(Object.entries(entry?.images ?? {}).map(([name, words]) => [name, words ?? []])),
    byTagRegex: entry?.["images-by-tag-regex"] ?? {},
    bySemver: entry?.["images-by-semver"] ?? {},
    access: {
      ...access,
      tlsVerify: entry?.["tls-verify"] ?? access.tlsVerify,
      certDir: entry?.["cert-dir"] ?? access.certDir,
      ...(username === "" && password === "" ? {} : { credentials: { username, password }, anonymous: undefined }),
    },
  };
}

function parseRepository(text: string): NamedReference {
  const named = parseNormalizedName(text);
  if (!isNameOnly(named)) throw new ToolError("invalid-argument", "input names a reference, not a repository");
  return named;
}

function namedImages(repository: NamedReference, words: readonly string[], log: SyncLog): readonly NamedReference[] {
  return words.flatMap((text) => {
    try {
      return [text.includes(":") ? withDigest(repository, text) : withTag(repository, text)];
    } catch (error) {
      log("error", "Error parsing ref, skipping", { ref: text });
      log("error", describeError(error));
      return [];
    }
  });
}

function tagPattern(pattern: string): (tag: string) => boolean {
  try {
    const expression = new RegExp(pattern);
    return (tag) => expression.test(tag);
  } catch (error) {
    throw wrapError(`"${pattern}" is not a regular expression`, error);
  }
}
