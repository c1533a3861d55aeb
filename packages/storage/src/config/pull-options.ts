import { ToolError } from "@containers/common/errors/tool-error";
import type { PullOptions } from "../store.ts";

/**
 * What storage.conf's `pull_options` and `--pull-option KEY=VALUE` ask for; only the text `true`, in any case, switches something on, as in the
 * original. Unknown keys are passed over: OSTree repositories are not looked at, and `insecure_allow_unpredictable_image_contents` permits to leave out a
 * check that is made in any case.
 */
export function readPullOptions(configured: Readonly<Record<string, string>>, given: readonly string[]): PullOptions {
  const values = { ...configured };
  for (const option of given) {
    const equals = option.indexOf("=");
    if (equals === -1) throw new ToolError("invalid-argument", `pull option ${JSON.stringify(option)} has no value: use KEY=VALUE`);
    values[option.slice(0, equals)] = option.slice(equals + 1);
  }
  const isOn = (key: string): boolean => values[key]?.toLowerCase() === "true";
  return {
    enablePartialImages: isOn("enable_partial_images"),
    useHardLinks: isOn("use_hard_links"),
    convertImages: isOn("convert_images"),
  };
}
