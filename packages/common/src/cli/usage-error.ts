import { ToolError } from "../errors/tool-error.ts";

/** A command line that cannot be understood: unknown flag, bad value. Printed with a pointer to the command's help. */
export class UsageError extends ToolError {
  override readonly name = "UsageError";
  /** Lines printed under the error, such as a suggestion. */
  readonly advice: readonly string[];

  constructor(message: string, advice: readonly string[] = []) {
    super("invalid-argument", message, { code: "usage" });
    this.advice = advice;
  }
}
