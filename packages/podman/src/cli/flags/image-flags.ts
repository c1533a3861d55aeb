import { defineFlags, type FlagValues } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import type { PullChoice } from "../../container-spec/container-spec.ts";
import { retriesOf, retryFlagsFor } from "../commands/image/with-images.ts";

/** How the image of a new container is fetched. */
export const imageFlags = defineFlags({
  arch: { type: "string", valueName: "ARCH", aliases: ["override-arch"], description: "Architecture of the image instead of the host's" },
  "decryption-key": { type: "stringArray", description: "Key that opens an encrypted image (such as /path/to/key.pem)" },
  "disable-content-trust": { type: "bool", description: "Accepted for docker's sake; has no effect" },
  os: { type: "string", valueName: "OS", aliases: ["override-os"], description: "Operating system of the image instead of the host's" },
  platform: { type: "string", description: "Platform of the image (os/arch[/variant])" },
  pull: { type: "string", default: "missing", description: "When to pull the image (always, missing, never, newer)" },
  quiet: { type: "bool", short: "q", description: "Do not show the progress of pulling" },
  ...retryFlagsFor("pull"),
  variant: { type: "string", valueName: "VARIANT", aliases: ["override-variant"], description: "Variant of the architecture" },
});

/** The part of a spec that {@link imageFlags} say. */
export function pullChoice(values: FlagValues<typeof imageFlags>, given: (flag: string) => boolean): PullChoice {
  return {
    policy: given("pull") ? pullPolicy(values.pull) : undefined,
    quiet: values.quiet,
    platform: platform(values),
    ...retriesOf(values),
    ...(values.decryptionKey.length === 0 ? {} : { decryptionKeys: values.decryptionKey }),
  };
}

function pullPolicy(text: string): NonNullable<PullChoice["policy"]> {
  switch (text.toLowerCase()) {
    case "always":
      return "always";
    case "missing":
    case "ifnotpresent":
    case "":
      return "missing";
    case "never":
      return "never";
    case "newer":
    case "ifnewer":
      return "newer";
    default:
      throw new ToolError("invalid-argument", `unsupported pull policy ${JSON.stringify(text)}`);
  }
}

function platform({ platform: text, os, arch, variant }: FlagValues<typeof imageFlags>): PullChoice["platform"] {
  if (text === undefined || text === "")
    return os === undefined && arch === undefined && variant === undefined ? undefined : { os, architecture: arch, variant };
  if (os !== undefined || arch !== undefined)
    throw new ToolError("invalid-argument", "--platform option can not be specified with --arch or --os");
  const [system, architecture, ofPlatform, ...more] = text.split("/");
  if (more.length > 0 || system === "")
    throw new ToolError("invalid-argument", `invalid platform syntax for --platform=${JSON.stringify(text)}: use OS/ARCH[/VARIANT]`);
  return { os: system, architecture, variant: ofPlatform ?? variant };
}
