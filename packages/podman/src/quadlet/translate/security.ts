import type { ServiceDraft } from "./draft.ts";

/** Labels, devices, capabilities and kernel settings. */
export function securityFlags(draft: ServiceDraft): string[] {
  const option = (value: string | undefined, text: (value: string) => string): string[] =>
    value === undefined ? [] : ["--security-opt", text(value)];
  return [
    ...(draft.flag("NoNewPrivileges") === true ? ["--security-opt=no-new-privileges"] : []),
    ...(draft.flag("SecurityLabelDisable") === true ? ["--security-opt", "label=disable"] : []),
    ...(draft.flag("SecurityLabelNested") === true ? ["--security-opt", "label=nested"] : []),
    ...option(draft.given("SecurityLabelType"), (type) => `label=type:${type}`),
    ...option(draft.given("SecurityLabelFileType"), (type) => `label=filetype:${type}`),
    ...option(draft.given("SecurityLabelLevel"), (level) => `label=level:${level}`),
    ...option(draft.given("AppArmor"), (profile) => `apparmor=${profile}`),
    ...draft.list("AddDevice").flatMap((device) => deviceFlag(draft, device)),
    ...option(draft.value("SeccompProfile"), (profile) => `seccomp=${profile}`),
    ...draft.list("DropCapability").flatMap((name) => ["--cap-drop", name.toLowerCase()]),
    ...draft.list("AddCapability").flatMap((name) => ["--cap-add", name.toLowerCase()]),
    ...draft.list("Sysctl").flatMap((setting) => ["--sysctl", setting]),
  ];
}

/** A device with a minus is left out where the machine has none. */
function deviceFlag(draft: ServiceDraft, device: string): string[] {
  if (!device.startsWith("-")) return ["--device", device];
  const wanted = device.slice(1);
  return draft.context.exists(wanted.split(":", 1)[0] ?? "") ? ["--device", wanted] : [];
}
