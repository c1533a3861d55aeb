import { createReadStream } from "node:fs";
import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { importFrom } from "../../../images/image-deeds.ts";
import { standardInput } from "./standard-input.ts";
import { onImages, signaturePolicyFlag } from "./with-images.ts";

const flags = {
  arch: { type: "string", description: "Set the architecture of the imported image" },
  change: {
    type: "stringArray",
    short: "c",
    description:
      "Apply the following possible instructions to the created image (default []): CMD | ENTRYPOINT | ENV | EXPOSE | LABEL | ONBUILD | STOPSIGNAL | USER | VOLUME | WORKDIR",
  },
  message: { type: "string", short: "m", description: "Set commit message for imported image" },
  os: { type: "string", description: "Set the OS of the imported image" },
  quiet: { type: "bool", short: "q", description: "Suppress output" },
  variant: { type: "string", description: "Set the variant of the imported image" },
  ...signaturePolicyFlag,
} as const;

/** `podman import`, `podman image import`. */
export const imageImportCommand = defineCommand({
  name: "import",
  summary: "Import a tarball to create a filesystem image",
  description:
    "Create a container image from the contents of the specified tarball (.tar, .tar.gz, .tgz, .bzip, .tar.xz, .txz).\n\n  Note remote tar balls can be specified, via web address.\n  Optionally tag the image. You can specify the instructions using the --change option.",
  usage: "PATH [REFERENCE]",
  examples: [
    "podman image import https://example.com/ctr.tar url-image",
    'cat ctr.tar | podman -q image import --message "importing the ctr.tar tarball" - image-imported',
    "cat ctr.tar | podman image import -",
  ],
  flags,
  args: { min: 1, max: 2 },
  run: (invocation) => run(invocation),
});

async function run(invocation: Invocation<FlagValues<typeof flags>>): Promise<number | undefined> {
  const { flags: values, args, out } = invocation;
  const [source = "", reference] = args;
  const url = /^https?:\/\//.test(source);
  const options = {
    changes: values.change,
    message: values.message,
    name: reference,
    os: values.os,
    architecture: values.arch,
    variant: values.variant,
  };
  const id = await onImages(invocation, {
    local: (work) => {
      if (url) out.stdout(`Downloading from "${source}"\n`);
      return importFrom(work, source === "-" ? standardInput() : source, options);
    },
    remote: (service, deeds) =>
      deeds.importImage(service, url ? source : source === "-" ? standardInput() : createReadStream(source), options),
  });
  out.stdout(`sha256:${id}\n`);
  return undefined;
}
