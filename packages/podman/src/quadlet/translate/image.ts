import type { UnitFile } from "../../systemd/unit-file.ts";
import type { QuadletKind } from "../kinds.ts";
import { invalid, ServiceDraft, type TranslateContext, type Translation } from "./draft.ts";
import { booleanFlags, type KeyFlags, oneshot, valueFlags } from "./flags.ts";

const registryFlags: KeyFlags = [
  ["AuthFile", "--authfile"],
  ["CertDir", "--cert-dir"],
  ["Creds", "--creds"],
  ["DecryptionKey", "--decryption-key"],
];
const retryFlags: KeyFlags = [
  ["Retry", "--retry"],
  ["RetryDelay", "--retry-delay"],
];

/** The service that pulls an image. */
export function translateImage(unit: UnitFile, kind: QuadletKind, context: TranslateContext): Translation {
  const draft = new ServiceDraft(unit, kind, context);
  const image = draft.given("Image");
  if (image === undefined) throw invalid("no Image key specified");
  const platform: KeyFlags = [
    ["OS", "--os"],
    ["Policy", "--policy"],
    ["Variant", "--variant"],
  ];
  const pull = [
    ...draft.podman("image", "pull"),
    ...valueFlags(draft, [["Arch", "--arch"], ...registryFlags, ...platform, ...retryFlags]),
    ...booleanFlags(draft, [
      ["AllTags", "--all-tags"],
      ["TLSVerify", "--tls-verify"],
    ]),
    ...draft.words("PodmanArgs"),
    image,
  ];
  draft.addCommand("ExecStart", pull);
  oneshot(draft);
  return { service: draft.service, resource: draft.given("ImageTag") ?? image };
}

/** The service that pulls an artifact. */
export function translateArtifact(unit: UnitFile, kind: QuadletKind, context: TranslateContext): Translation {
  const draft = new ServiceDraft(unit, kind, context);
  const artifact = draft.given("Artifact");
  if (artifact === undefined) throw invalid("no Artifact key specified");
  const pull = [
    ...draft.podman("artifact", "pull"),
    ...valueFlags(draft, [...registryFlags, ...retryFlags]),
    ...booleanFlags(draft, [
      ["Quiet", "--quiet"],
      ["TLSVerify", "--tls-verify"],
    ]),
    ...draft.words("PodmanArgs"),
    artifact,
  ];
  draft.addCommand("ExecStart", pull);
  oneshot(draft);
  return { service: draft.service, resource: artifact };
}
