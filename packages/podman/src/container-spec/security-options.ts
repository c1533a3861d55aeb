import { ToolError } from "@containers/common/errors/tool-error";
import type { SecuritySpec } from "./security-spec.ts";

/** What the texts of `--security-opt` ask for. @throws ToolError invalid-argument */
export function securityOfOptions(options: readonly string[]): SecuritySpec {
  const spec: { -readonly [Key in keyof SecuritySpec]: SecuritySpec[Key] } = { securityOptions: options };
  const labelOptions: string[] = [];
  const procOptions: string[] = [];
  const mask: string[] = [];
  const unmask: string[] = [];
  for (const option of options) {
    const [, key = option, value] = /^([^=:]+)[=:](.*)$/s.exec(option) ?? [];
    if (option === "no-new-privileges") spec.noNewPrivileges = true;
    else if (value === undefined) throw new ToolError("invalid-argument", `invalid --security-opt 1: ${JSON.stringify(option)}`);
    else if (key === "no-new-privileges" && isBoolean(value)) spec.noNewPrivileges = isTrue(value);
    else if (key === "seccomp") spec.seccompProfile = value;
    else if (key === "apparmor") spec.apparmorProfile = value;
    else if (key === "label") labelOptions.push(value);
    else if (key === "mask") mask.push(...value.split(":"));
    else if (key === "unmask") unmask.push(...(value.toUpperCase() === "ALL" ? ["ALL"] : value.split(":")));
    else if (key === "proc-opts") procOptions.push(...value.split(","));
    else if (option === "systempaths=unconfined") unmask.push("ALL");
    else throw new ToolError("invalid-argument", `invalid --security-opt 2: ${JSON.stringify(option)}`);
  }
  return { ...spec, labelOptions, mask, unmask, ...(procOptions.length === 0 ? {} : { procOptions }) };
}

function isTrue(text: string): boolean {
  return /^(1|t|true)$/i.test(text);
}

function isBoolean(text: string): boolean {
  return isTrue(text) || /^(0|f|false)$/i.test(text);
}
