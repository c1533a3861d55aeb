import { defineCommand } from "@containers/common/cli/define-command";
import { toJson } from "@containers/common/report/json";
import { hostArchitecture } from "../../working-container/image-config.ts";
import { BUILDAH_VERSION } from "../../working-container/record.ts";

/** `buildah version`. */
export const versionCommand = defineCommand({
  name: "version",
  summary: "Display the Buildah version information",
  description: "Displays Buildah version information.",
  flags: { json: { type: "bool", description: "output in JSON format" } },
  needsUserNamespace: false,
  run: ({ flags, out }) => {
    const platform = `linux/${hostArchitecture()}`;
    const built = "Thu Jan  1 00:00:00 1970";
    if (flags.json) {
      out.stdout(
        `${toJson({ version: BUILDAH_VERSION, goVersion: `bun${Bun.version}`, imageSpec: "1.1.1", runtimeSpec: "1.2.1", cniSpec: "1.1.0", libcniVersion: "", imageVersion: "5.39.2", gitCommit: "", built, osArch: platform, buildPlatform: platform })}\n`,
      );
      return undefined;
    }
    const rows = [
      ["Version:", BUILDAH_VERSION],
      ["Go Version:", ""],
      ["Image Spec:", "1.1.1"],
      ["Runtime Spec:", "1.2.1"],
      ["CNI Spec:", ""],
      ["libcni Version:", ""],
      ["image Version:", "5.39.2"],
      ["Git Commit:", ""],
      ["Built:", built],
      ["OS/Arch:", platform],
      ["BuildPlatform:", platform],
    ] as const;
    out.stdout(rows.map(([label, value]) => `${label.padEnd(17)}${value}\n`).join(""));
    return undefined;
  },
});
