import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { checkCredentials } from "./check-credentials.ts";
import { defaultLoginKey, type LoginKey, type LoginTarget, parseLoginKey, storeCredentials } from "./login.ts";
import { removeAllCredentials, removeCredentials } from "./logout.ts";
import { lookupCredentials } from "./lookup.ts";
import type { Prompt } from "./prompt.ts";

/** What `login` of podman, buildah and skopeo has in common. */
export interface LoginOptions {
  /** The registry or repository; undefined for the first search registry, where the tool allows that. */
  readonly argument?: string;
  readonly target: LoginTarget;
  readonly username?: string;
  readonly password?: string;
  readonly passwordStdin?: boolean;
  /** Only says who is logged in. */
  readonly getLogin?: boolean;
  readonly verbose?: boolean;
  readonly prompt: Prompt;
  print(text: string): void;
}

export interface LogoutOptions {
  readonly argument?: string;
  readonly target: LoginTarget;
  readonly all?: boolean;
  print(text: string): void;
}

/**
 * Checks credentials with the registry and stores them; asks for what is missing.
 *
 * @throws denied when the registry refuses them; unavailable; invalid-argument
 */
export async function login(options: LoginOptions): Promise<void> {
  const { target, print } = options;
  const named = options.argument === undefined ? defaultLoginKey(target.access) : parseLoginKey(options.argument);
  const stored = await lookupCredentials(named.key, { ...target.access, authFile: target.dockerConfig ?? target.access?.authFile });
  if (options.getLogin === true) {
    if (stored === undefined || stored.username === "") throw new ToolError("not-found", `not logged into ${named.key}`);
    print(`${stored.username}\n`);
    return;
  }
  if (stored?.identityToken !== undefined) throw new ToolError("unsupported", "currently logged in, auth file contains an Identity token");
  const password = givenPassword(options);
  if (!options.username && !password && stored !== undefined && stored.username !== "" && stored.password !== "") {
    print(`Authenticating with existing credentials for ${named.key}\n`);
    if (await checkCredentials(named.registry, stored, target).catch(() => false)) {
      print(`Existing credentials are valid. Already logged in to ${named.registry}\n`);
      return;
    }
    print("Existing credentials are invalid, please enter valid username and password\n");
  }
  await loginAs(named, askMissing(options, password, stored?.username), options);
}

async function loginAs(named: LoginKey, credentials: { username: string; password: string }, options: LoginOptions): Promise<void> {
  const accepted = await checkCredentials(named.registry, credentials, options.target).catch((error: unknown) => {
    throw wrapError(`authenticating creds for "${named.key}"`, error);
  });
  if (!accepted) throw new ToolError("denied", `logging into "${named.key}": invalid username/password`);
  const where = await storeCredentials(named.key, credentials, options.target);
  if (options.verbose === true) options.print(`Used:  ${where}\n`);
  options.print("Login Succeeded!\n");
}

function givenPassword(options: LoginOptions): string | undefined {
  if (options.passwordStdin !== true) return options.password;
  if (options.password) throw new ToolError("invalid-argument", "can't specify both --password-stdin and --password");
  if (!options.username) throw new ToolError("invalid-argument", "must provide --username with --password-stdin");
  return options.prompt.readInput().replaceAll(/\r?\n/g, "");
}

function askMissing(
  options: LoginOptions,
  password: string | undefined,
  known: string | undefined,
): { username: string; password: string } {
  const { prompt } = options;
  const question = known ? `Username (${known}): ` : "Username: ";
  const username = options.username || prompt.readLine(question).trim() || known || "";
  return { username: username.trim(), password: password || prompt.readSecret("Password: ") };
}

/**
 * Forgets credentials.
 *
 * @throws not-found when there were none
 */
export async function logout(options: LogoutOptions): Promise<void> {
  const { target, print } = options;
  if (options.all === true) {
    if (options.argument !== undefined) throw new ToolError("invalid-argument", "--all takes no arguments");
    await removeAllCredentials(target);
    print("Removed login credentials for all registries\n");
    return;
  }
  const { key, registry } = options.argument === undefined ? defaultLoginKey(target.access) : parseLoginKey(options.argument);
  if (await removeCredentials(key, target)) {
    print(`Removed login credentials for ${key}\n`);
    return;
  }
  const elsewhere = await lookupCredentials(key, target.access ?? {});
  if (elsewhere !== undefined && elsewhere.username !== "" && (await checkCredentials(registry, elsewhere, target).catch(() => false))) {
    print(
      `Not logged into ${key} with current tool. Existing credentials were established via docker login. Please use docker logout instead.\n`,
    );
    return;
  }
  throw new ToolError("not-found", `not logged into ${key}`);
}
