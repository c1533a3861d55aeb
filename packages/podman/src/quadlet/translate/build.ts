import { isAbsolute } from "node:path";
import type { UnitFile } from "../../systemd/unit-file.ts";
import type { QuadletKind } from "../kinds.ts";
import { beginsWithSpecifier, invalid, ServiceDraft, type TranslateContext, type Translation } from "./draft.ts";
import { booleanFlags, oneshot, pairFlags, repeatedFlags, valueFlags, wordFlags } from "./flags.ts";
import { networkFlags, volumeFlags } from "./sources.ts";
import { isUrl, setWorkingDirectory } from "./working-directory.ts";

/** The service that builds an image. */
export function translateBuild(unit: UnitFile, kind: QuadletKind, context: TranslateContext): Translation {
  const draft = new ServiceDraft(unit, kind, context);
  if ((context.names.get(unit.name)?.resource ?? "") === "") throw invalid("no ImageTag key specified");
  const pull = draft.given("Pull");
  const build = [
    ...draft.podman("build"),
    ...(pull === undefined ? [] : [`--pull=${pull}`]),
    ...valueFlags(draft, [
      ["Arch", "--arch"],
      ["AuthFile", "--authfile"],
      ["IgnoreFile", "--ignorefile"],
      ["Target", "--target"],
      ["Variant", "--variant"],
      ["Retry", "--retry"],
      ["RetryDelay", "--retry-delay"],
    ]),
    ...booleanFlags(draft, [
      ["TLSVerify", "--tls-verify"],
      ["ForceRM", "--force-rm"],
    ]),
    ...repeatedFlags(draft, [
      ["DNS", "--dns"],
      ["DNSOption", "--dns-option"],
      ["DNSSearch", "--dns-search"],
      ["GroupAdd", "--group-add"],
      ["ImageTag", "--tag"],
    ]),
    ...pairFlags(draft, [
      ["BuildArg", "--build-arg"],
      ["Environment", "--env"],
      ["Label", "--label"],
      ["Annotation", "--annotation"],
    ]),
    ...networkFlags(draft),
    ...wordFlags(draft, [["Secret", "--secret"]]),
    ...volumeFlags(draft),
  ];
  const source = sourceArguments(draft);
  draft.addCommand("ExecStart", [...build, ...source.file, ...draft.words("PodmanArgs"), ...source.context]);
  oneshot(draft, false);
  return { service: draft.service };
}

/** The Containerfile and the context, which comes last. */
function sourceArguments(draft: ServiceDraft): { readonly file: readonly string[]; readonly context: readonly string[] } {
  const context = setWorkingDirectory(draft);
  const file = draft.given("File");
  const directory = draft.serviceValue("WorkingDirectory") ?? "";
  if (directory === "" && file === undefined && context === undefined) throw invalid("neither SetWorkingDirectory, nor File key specified");
  const flags = file === undefined ? [] : ["--file", file];
  if (context !== undefined) return { file: flags, context: [context] };
  if (file !== undefined && (beginsWithSpecifier(file) || isAbsolute(file) || isUrl(file))) return { file: flags, context: [] };
  if (directory === "") throw invalid("relative path in File key requires SetWorkingDirectory key to be set");
  return { file: flags, context: [directory] };
}
