import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { parseImageName, transportOf } from "@containers/image/transports/register";
import { signImage } from "@containers/image/trust/sign-image";
import { podmanVersion } from "../../../system/version.ts";
import { registryFlags, withImages } from "./with-images.ts";

/** `podman image sign`. */
export const imageSignCommand = defineCommand({
  name: "sign",
  summary: "Sign an image",
  description: "Create a signature file that can be used later to verify the image.",
  usage: "IMAGE [IMAGE...]",
  examples: [
    "podman image sign --sign-by mykey docker://registry.example.com/image:1",
    "podman image sign --sign-by mykey --directory ./mykeydir docker://registry.example.com/image:1",
  ],
  flags: {
    all: { type: "bool", short: "a", description: "Sign all the manifests of the multi-architecture image" },
    authfile: registryFlags.authfile,
    "cert-dir": registryFlags["cert-dir"],
    directory: { type: "string", short: "d", description: "Define an alternate directory to store signatures" },
    "sign-by": { type: "string", description: "Name of the signing key" },
  },
  args: { min: 1 },
  run: (invocation) =>
    withImages(invocation, async ({ images }) => {
      const { flags, args } = invocation;
      if (!flags.signBy) throw new ToolError("invalid-argument", "no identity provided");
      if (flags.directory && !existsSync(flags.directory)) {
        throw new ToolError("not-found", `stat ${flags.directory}: no such file or directory`);
      }
      const options = {
        all: flags.all,
        signBy: { key: flags.signBy, creator: `podman ${podmanVersion}` },
        ...(flags.directory ? { directory: resolve(flags.directory) } : {}),
      };
      for (const name of args) {
        const reference = parseImageName(transportOf(name) === undefined ? `docker://${name}` : name);
        await signImage(reference, { registry: images.registry, signal: images.signal, store: images.store }, options);
      }
    }),
});
