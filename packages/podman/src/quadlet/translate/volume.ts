import type { UnitFile } from "../../systemd/unit-file.ts";
import { numberValue } from "../../systemd/unit-values.ts";
import type { QuadletKind } from "../kinds.ts";
import { resourceName } from "../unit-names.ts";
import { invalid, ServiceDraft, type TranslateContext, type Translation } from "./draft.ts";
import { oneshot, pairFlags, valueFlags } from "./flags.ts";
import { imageSource } from "./sources.ts";

/** The service that makes a volume, where it is not there yet. */
export function translateVolume(unit: UnitFile, kind: QuadletKind, context: TranslateContext): Translation {
  const draft = new ServiceDraft(unit, kind, context);
  const name = resourceName(unit, "Volume", "VolumeName");
  const create = [
    ...draft.podman("volume", "create", "--ignore"),
    ...valueFlags(draft, [["Driver", "--driver"]]),
    ...(draft.value("Driver") === "image" ? imageOption(draft) : localOptions(draft)),
    ...pairFlags(draft, [["Label", "--label"]]),
    ...draft.words("PodmanArgs"),
    name,
  ];
  draft.addCommand("ExecStart", create);
  oneshot(draft);
  return { service: draft.service, resource: name };
}

function imageOption(draft: ServiceDraft): string[] {
  const image = draft.value("Image");
  if (image === undefined) throw invalid("the key Image is mandatory when using the image driver");
  return ["--opt", `image=${imageSource(draft, image)}`];
}

function localOptions(draft: ServiceDraft): string[] {
  const copy = draft.flag("Copy");
  const [device, type, options] = [draft.given("Device"), draft.given("Type"), draft.given("Options")];
  if (device === undefined && type !== undefined) throw invalid("key Type can't be used without Device");
  if (device === undefined && options !== undefined) throw invalid("key Options can't be used without Device");
  if (device !== undefined && type === "bind") draft.addWord("Unit", "RequiresMountsFor", device);
  const owner = (["User", "Group"] as const).flatMap((key, index) =>
    draft.value(key) === undefined ? [] : [`${index === 0 ? "uid" : "gid"}=${numberValue(draft.unit, "Volume", key) ?? 0}`],
  );
  const mountOptions = [...owner, ...(options === undefined ? [] : [options])];
  return [
    ...(copy === undefined ? [] : ["--opt", copy ? "copy" : "nocopy"]),
    ...(device === undefined ? [] : ["--opt", `device=${device}`]),
    ...(type === undefined ? [] : ["--opt", `type=${type}`]),
    ...(mountOptions.length === 0 ? [] : ["--opt", `o=${mountOptions.join(",")}`]),
  ];
}
