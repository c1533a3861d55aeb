import { ToolError } from "@containers/common/errors/tool-error";
import { run } from "@containers/common/process/run";
import type { Credentials } from "./auth-file.ts";

/** `docker-credential-NAME`, the programs that keep passwords elsewhere (protocol of docker-credential-helpers). */
export interface CredentialHelper {
  readonly name: string;
  /** undefined when the helper knows nothing of the registry. */
  get(registry: string): Promise<Credentials | undefined>;
  store(registry: string, username: string, password: string): Promise<void>;
  /** False when there was nothing to erase. */
  erase(registry: string): Promise<boolean>;
  /** Registries that the helper holds; empty when the program is not installed. */
  list(): Promise<readonly string[]>;
}

/** @throws invalid-argument for a name that is not a plain word: it becomes part of a program's name */
export function credentialHelper(name: string): CredentialHelper {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) throw new ToolError("invalid-argument", `invalid credential helper "${name}"`);
  const program = `docker-credential-${name}`;
  return {
    name,
    async get(registry) {
      const { exitCode, text } = await call(program, "get", registry);
      if (exitCode !== 0) return notFoundOrThrow(program, text);
      const answer = parseAnswer(program, text) as { readonly Username?: unknown; readonly Secret?: unknown };
      const secret = typeof answer.Secret === "string" ? answer.Secret : "";
      if (answer.Username === "<token>") return { username: "", password: "", identityToken: secret };
      return { username: typeof answer.Username === "string" ? answer.Username : "", password: secret };
    },
    async store(registry, username, password) {
      const input = JSON.stringify({ ServerURL: registry, Username: username, Secret: password });
      const { exitCode, text } = await call(program, "store", input);
      if (exitCode !== 0) throw failed(program, "storing credentials", text);
    },
    async erase(registry) {
      const { exitCode, text } = await call(program, "erase", registry);
      if (exitCode === 0) return true;
      return notFoundOrThrow(program, text) !== undefined;
    },
    async list() {
      const { exitCode, text } = await call(program, "list", "");
      if (exitCode !== 0) throw failed(program, "listing credentials", text);
      return Object.keys(parseAnswer(program, text) as object);
    },
  };
}

const notFoundMessage = "credentials not found in native keychain";

async function call(program: string, action: string, input: string): Promise<{ exitCode: number; text: string }> {
  try {
    const result = await run(program, [action], { input });
    return { exitCode: result.exitCode, text: result.stdout.toString().trim() };
  } catch (error) {
    throw new ToolError("unavailable", `running credential helper ${program}`, { cause: error, hint: `install ${program} into $PATH` });
  }
}

/** Helpers report on standard output; "not found" is an answer, everything else a failure. */
function notFoundOrThrow(program: string, text: string): undefined {
  if (text === notFoundMessage) return undefined;
  throw failed(program, "reading credentials", text);
}

function failed(program: string, deed: string, text: string): ToolError {
  return new ToolError("unavailable", `${deed} with ${program}: ${text === "" ? "it failed without a message" : text}`);
}

function parseAnswer(program: string, text: string): unknown {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null) return parsed;
  } catch {
    // Falls through: the text may hold a secret and is not quoted.
  }
  throw new ToolError("unavailable", `${program} gave an answer that is not JSON`);
}
