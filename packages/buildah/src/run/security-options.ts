import { ToolError } from "@containers/common/errors/tool-error";

export interface SecurityOptions {
  /** Path, `unconfined`, or empty for the default. */
  readonly seccomp: string;
  readonly apparmor?: string;
  readonly noNewPrivileges: boolean;
  readonly mask: readonly string[];
  readonly unmask: readonly string[];
}

/** `--security-opt`: `seccomp=…`, `apparmor=…`, `label=…`, `mask=…`, `unmask=…`, `no-new-privileges`. */
export function parseSecurityOptions(options: readonly string[]): SecurityOptions {
  let result: SecurityOptions = { seccomp: "", noNewPrivileges: false, mask: [], unmask: [] };
  for (const option of options) {
    const [, name = "", value = ""] = /^([^=:]+)[=:]?([^]*)$/.exec(option) ?? [];
    if (name === "no-new-privileges") result = { ...result, noNewPrivileges: true };
    else if (name === "seccomp") result = { ...result, seccomp: value };
    else if (name === "apparmor") result = { ...result, apparmor: value };
    else if (name === "mask") result = { ...result, mask: [...result.mask, ...value.split(":")] };
    else if (name === "unmask") result = { ...result, unmask: [...result.unmask, ...(value === "ALL" ? ["ALL"] : value.split(":"))] };
    // Labels only mean something where SELinux is on; `disable` asks for what is the case anyway.
    else if (name !== "label") throw new ToolError("invalid-argument", `invalid --security-opt 2: ${JSON.stringify(option)}`);
  }
  return result;
}
