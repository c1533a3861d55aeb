import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { parseAddedFile } from "../../commit/added-files.ts";

const TYPES = ["", "sev", "snp", "sev-no-es"];

/** `buildah mkcw`: understood, checked and refused; an encrypted disk image needs a device mapper and tools of its own. */
export const mkcwCommand = defineCommand({
  name: "mkcw",
  summary: "Convert a conventional image to a confidential workload image",
  description: "Converts a conventional image to a confidential workload image. This version checks its arguments only.",
  usage: "IMAGE IMAGE",
  examples: ["buildah mkcw localhost/repository:typical localhost/repository:cw"],
  flags: {
    "add-file": {
      type: "stringArray",
      valueName: "source:destination",
      description: "add contents of a file to the image at a specified path",
    },
    "attestation-url": { type: "string", short: "u", description: "attestation server URL" },
    "base-image": { type: "string", short: "b", description: "alternate base image (default: scratch)" },
    cpus: { type: "int", short: "c", description: "number of CPUs to expect" },
    "firmware-library": { type: "string", short: "f", description: "location of libkrunfw-sev.so" },
    "ignore-attestation-errors": { type: "bool", hidden: true, description: "ignore attestation errors" },
    memory: { type: "int", short: "m", description: "amount of memory to expect (MB)" },
    passphrase: { type: "string", short: "p", description: "disk encryption passphrase" },
    "signature-policy": { type: "string", hidden: true, description: "`pathname` of signature policy file (not usually used)" },
    slop: {
      type: "string",
      short: "s",
      default: "25%",
      description: "extra space needed for converting a container rootfs to a disk image",
    },
    type: { type: "string", short: "t", description: "TEE (trusted execution environment) type: SEV,SNP (default: SNP)" },
    "workload-id": { type: "string", short: "w", description: "workload ID" },
  },
  args: { min: 2, max: 2 },
  run: ({ flags }) => {
    for (const file of flags.addFile) parseAddedFile(file);
    if (!TYPES.includes((flags.type ?? "").toLowerCase()))
      throw new ToolError("invalid-argument", `unknown TEE type ${JSON.stringify(flags.type)}`);
    if (!flags.attestationUrl && !flags.passphrase)
      throw new ToolError("invalid-argument", "neither --attestation-url nor --passphrase flags provided, disk would not be decryptable");
    throw new ToolError("unsupported", "encrypted disk images for confidential workloads are not supported by this version");
  },
});
