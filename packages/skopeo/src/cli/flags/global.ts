import { defineFlags } from "@containers/common/cli/define-command";
import { parseDuration } from "../parse-duration.ts";

/** Flags that stand before the command. */
export const globalFlags = defineFlags({
  "command-timeout": { type: "duration", description: "timeout for the command execution" },
  debug: { type: "bool", description: "enable debug output" },
  "insecure-policy": { type: "bool", description: "run the tool without any policy check" },
  "override-arch": { type: "string", description: "use `ARCH` instead of the architecture of the machine for choosing images" },
  "override-os": { type: "string", description: "use `OS` instead of the running OS for choosing images" },
  "override-variant": { type: "string", description: "use `VARIANT` instead of the running architecture variant for choosing images" },
  policy: { type: "string", description: "Path to a trust policy file" },
  "registries.d": { type: "string", description: "use registry configuration files in `DIR` (e.g. for container signature storage)" },
  tmpdir: { type: "string", description: "directory used to store temporary files" },
  "user-agent-prefix": { type: "string", description: "prefix to add to the user agent string" },
  "registries-conf": { type: "string", hidden: true, description: "path to the registries.conf file" },
});

/** The global flags as the commands use them. */
export interface Globals {
  /** Milliseconds; 0 for no limit. */
  readonly commandTimeout: number;
  readonly insecurePolicy: boolean;
  readonly policy?: string;
  readonly overrideArch?: string;
  readonly overrideOs?: string;
  readonly overrideVariant?: string;
  readonly registriesDir?: string;
  readonly registriesConf?: string;
  readonly temporaryDirectory?: string;
  readonly userAgentPrefix?: string;
}

export function readGlobals(values: Readonly<Record<string, unknown>>): Globals {
  const text = (key: string): string | undefined => {
    const value = values[key];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  return {
    commandTimeout: parseDuration(values["commandTimeout"]),
    insecurePolicy: values["insecurePolicy"] === true,
    policy: text("policy"),
    overrideArch: text("overrideArch"),
    overrideOs: text("overrideOs"),
    overrideVariant: text("overrideVariant"),
    registriesDir: text("registries.d"),
    registriesConf: text("registriesConf"),
    temporaryDirectory: text("tmpdir"),
    userAgentPrefix: text("userAgentPrefix"),
  };
}
