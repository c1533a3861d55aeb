import { readFileSync } from "node:fs";
import { wrapError } from "@containers/common/errors/tool-error";
import { invalidPolicy } from "./policy-error.ts";

/** Keys or certificates as a policy names them: files (each may hold several) and contents. */
export interface KeySources {
  readonly paths: readonly string[];
  readonly data: readonly Uint8Array[];
}

type Settings = Readonly<Record<string, unknown>>;

/** What stands under `PREFIXPath`, `PREFIXPaths`, `PREFIXData` and `PREFIXDatas`. @throws invalid-argument */
export function keySources(settings: Settings, prefix: string): KeySources {
  const one = (key: string): readonly string[] => (settings[key] === undefined ? [] : [policyText(settings, key)]);
  const many = (key: string): readonly string[] => {
    const value = settings[key];
    if (value === undefined) return [];
    if (!Array.isArray(value) || value.length === 0) throw invalidPolicy(`${key} must be a list that is not empty`);
    return value.map((_, index) => policyText(value as unknown as Settings, String(index)));
  };
  return {
    paths: [...one(`${prefix}Path`), ...many(`${prefix}Paths`)],
    data: [...one(`${prefix}Data`), ...many(`${prefix}Datas`)].map((data) => new Uint8Array(Buffer.from(data, "base64"))),
  };
}

/** A text that is there and not empty. @throws invalid-argument */
export function policyText(settings: Settings, key: string): string {
  const value = settings[key];
  if (typeof value === "string" && value !== "") return value;
  throw invalidPolicy(`${key} must be a text that is not empty`);
}

/** The contents of all of them. @throws not-found, denied */
export function readKeys(keys: KeySources): readonly Uint8Array[] {
  const files = keys.paths.map((path) => {
    try {
      return new Uint8Array(readFileSync(path));
    } catch (error) {
      throw wrapError(`reading the policy's key ${path}`, error);
    }
  });
  return [...files, ...keys.data];
}
