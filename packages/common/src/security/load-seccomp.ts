import { readFileSync } from "node:fs";
import { ToolError } from "../errors/tool-error.ts";
import type { SeccompSpec } from "../spec-builder/runtime-spec.ts";
import { errnoCode } from "../sys/sys-error.ts";
import { goArchitecture, resolveSeccomp, type SeccompProfile } from "./seccomp.ts";

/** Where an administrator's and the distribution's profile stand, in order of precedence. */
const PROFILE_PATHS = ["/etc/containers/seccomp.json", "/usr/share/containers/seccomp.json"];

/**
 * The seccomp filter of a container that holds `capabilities`. `profile` is a path, `unconfined` (then undefined is returned), or
 * empty for the default: the administrator's file, the distribution's, else the one built in.
 */
export async function loadSeccomp(profile: string, capabilities: readonly string[]): Promise<SeccompSpec | undefined> {
  if (profile === "unconfined") return undefined;
  const text = profile === "" ? readDefault() : readNamed(profile);
  if (text !== undefined) return readSeccomp(text, capabilities, profile);
  const parsed = await builtInProfile();
  return resolveSeccomp(parsed, { architecture: goArchitecture(process.arch), capabilities });
}

/** The filter out of a profile's text; `from` is named in errors. */
export function readSeccomp(text: string, capabilities: readonly string[], from = "of the image"): SeccompSpec {
  return resolveSeccomp(parseProfile(text, from), { architecture: goArchitecture(process.arch), capabilities });
}

async function builtInProfile(): Promise<SeccompProfile> {
  const module = await import("./default-seccomp.json", { with: { type: "json" } });
  return module.default;
}

function readDefault(): string | undefined {
  for (const path of PROFILE_PATHS) {
    try {
      return readFileSync(path, "utf8");
    } catch (error) {
      if (errnoCode(error) !== "ENOENT") throw error;
    }
  }
  return undefined;
}

function readNamed(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new ToolError("invalid-argument", `opening seccomp profile (${path}) failed`, { cause: error });
  }
}

function parseProfile(text: string, path: string): SeccompProfile {
  try {
    return JSON.parse(text) as SeccompProfile;
  } catch (error) {
    throw new ToolError("invalid-argument", `decoding seccomp profile (${path}) failed`, { cause: error });
  }
}
