import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { loadContainersConf } from "@containers/common/config/containers-conf";
import { ToolError } from "@containers/common/errors/tool-error";
import { type SaveFormat, saveFormats } from "@containers/image/local-images/save";
import { saveTo } from "../../../images/image-deeds.ts";
import { onImages, signaturePolicyFlag } from "./with-images.ts";

const flags = {
  compress: {
    type: "bool",
    description:
      "Compress tarball image layers when saving to a directory using the 'dir' transport. (default is same compression type as source)",
  },
  format: {
    type: "string",
    default: "docker-archive",
    description:
      "Save image to oci-archive, oci-dir (directory with oci manifest type), docker-archive, docker-dir (directory with v2s2 manifest type)",
  },
  "multi-image-archive": {
    type: "bool",
    short: "m",
    description: "Interpret additional arguments as images not tags and create a multi-image-archive (only for docker-archive)",
  },
  output: { type: "string", short: "o", description: "Write to a specified file (default: stdout, which must be redirected)" },
  quiet: { type: "bool", short: "q", description: "Suppress the output" },
  uncompressed: { type: "bool", description: "Accept uncompressed layers when copying OCI images" },
  ...signaturePolicyFlag,
} as const;

/** `podman save`, `podman image save`. */
export const imageSaveCommand = defineCommand({
  name: "save",
  summary: "Save image(s) to an archive",
  description: "Save an image to docker-archive or oci-archive on the local machine. Default is docker-archive.",
  usage: "IMAGE [IMAGE...]",
  examples: [
    "podman image save --quiet -o myimage.tar imageID",
    "podman image save --format docker-dir -o ubuntu-dir ubuntu",
    "podman image save > alpine-all.tar alpine:latest",
  ],
  flags,
  args: { min: 1 },
  run: (invocation) => save(invocation),
});

async function save(invocation: Invocation<FlagValues<typeof flags>>): Promise<number | undefined> {
  const { flags: values, args, out, given } = invocation;
  const [name = "", ...others] = args;
  if (!isFormat(values.format)) throw new ToolError("invalid-argument", `format value must be one of ${saveFormats.join(" ")}`);
  const { format } = values;
  if (given("compress") && format !== "docker-dir")
    throw new ToolError("invalid-argument", "--compress can only be set when --format is 'docker-dir'");
  const toStandardOutput = !values.output;
  if (toStandardOutput && out.isTerminal) throw new ToolError("invalid-argument", "refusing to save to terminal. Use -o flag or redirect");
  if (values.output?.includes(":")) throw new ToolError("invalid-argument", `invalid filename (should not contain ':') "${values.output}"`);
  const quiet = values.quiet || toStandardOutput;
  const { compress, uncompressed: acceptUncompressed } = values;
  const several = given("multi-image-archive") ? values.multiImageArchive : loadContainersConf().engine.multiImageArchive;
  await onImages(
    { ...invocation, flags: { ...values, quiet }, given },
    {
      local: (work) =>
        saveTo(work, several ? args : [name], {
          format,
          output: toStandardOutput ? "/dev/stdout" : (values.output ?? ""),
          additionalTags: several ? [] : others,
          compress,
          acceptUncompressed,
          shown: values.output,
        }),
      remote: async (service) => {
        const { saveImages } = await import("../../../remote/images/save.ts");
        const output = toStandardOutput ? undefined : values.output;
        await saveImages(service, args, { format, output, compress, acceptUncompressed });
      },
    },
  );
  return undefined;
}

function isFormat(text: string): text is SaveFormat {
  return saveFormats.some((format) => format === text);
}
