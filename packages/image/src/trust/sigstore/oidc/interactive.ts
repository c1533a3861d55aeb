import { writeSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describeError, ToolError } from "@containers/common/errors/tool-error";
import { run } from "@containers/common/process/run";
import { terminalPrompt } from "../../../auth/prompt.ts";
import type { OidcChoice } from "../parameters.ts";
import { askService, parseAnswer, type ServiceAnswer } from "../service-request.ts";
import { checkIdentityToken, type IdentityToken } from "./identity-token.ts";
import { discoverProvider, newProof, randomToken, refusal, SCOPE } from "./provider.ts";

type ByProvider = Exclude<OidcChoice, { readonly mode: "staticToken" }>;

const BROWSERS = ["xdg-open", "x-www-browser", "www-browser"];
const BROWSER_TIMEOUT_MS = 120_000;
/** Tells the provider to show the code instead of sending it on. */
const OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob";
const PAGE = "<!doctype html><title>Signed in</title><p>You are signed in and may close this page.</p>\n";

/** How the person is spoken to. */
export interface Person {
  print(text: string): void;
  /** Opens the address in the person's browser; throws when that cannot be done. */
  open(url: string): Promise<void>;
}

const atThisTerminal: Person = { print: (text) => void writeSync(1, text), open: openBrowser };

/** The person's browser is opened at the provider and comes back to us with a code; where that cannot be, the person types the code. */
export async function tokenByBrowser(choice: ByProvider, person: Person = atThisTerminal): Promise<IdentityToken> {
  const provider = await discoverProvider(choice.issuerUrl);
  const proof = newProof();
  const [state, nonce] = [randomToken(), randomToken()];
  const address = (redirect: string): string => {
    const query = {
      access_type: "online",
      client_id: choice.clientId,
      code_challenge: proof.challenge,
      code_challenge_method: "S256",
      nonce,
      redirect_uri: redirect,
      response_type: "code",
      scope: SCOPE,
      state,
    };
    return `${provider.authorization}${provider.authorization.includes("?") ? "&" : "?"}${new URLSearchParams(query)}`;
  };
  const answered = await codeByBrowser({ state, address, person }).catch((error: unknown) => {
    person.print(`error opening browser: ${describeError(error)}\n`);
    person.print(`Go to the following link in a browser:\n\n\t ${address(OUT_OF_BAND)}\n`);
    return { code: terminalPrompt(person.print).readLine("Enter verification code: ").trim(), redirect: OUT_OF_BAND };
  });
  const form = { grant_type: "authorization_code", code: answered.code, redirect_uri: answered.redirect, code_verifier: proof.verifier };
  const answer = await exchange(provider.token, choice, form);
  const token = parseAnswer(answer, provider.token)["id_token"];
  if (typeof token !== "string") throw new ToolError("corrupt", "id_token not present");
  return checkIdentityToken(token, { issuer: choice.issuerUrl, clientId: choice.clientId, nonce });
}

interface Question {
  readonly state: string;
  readonly address: (redirect: string) => string;
  readonly person: Person;
}

async function codeByBrowser({ state, address, person }: Question): Promise<{ readonly code: string; readonly redirect: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    if (pathname !== "/auth/callback") return void response.writeHead(404).end();
    if (searchParams.get("state") !== state) {
      response.writeHead(400).end();
      return reject(new ToolError("denied", "invalid state token"));
    }
    response.writeHead(200, { "content-type": "text/html", connection: "close" }).end(PAGE);
    resolve(searchParams.get("code") ?? "");
  });
  // By its number: the name may stand for an address that the machine does not have.
  await new Promise<void>((listening, failed) => server.once("error", failed).listen(0, "127.0.0.1", listening));
  const timer = setTimeout(() => reject(new ToolError("unavailable", "timeout")), BROWSER_TIMEOUT_MS);
  try {
    const redirect = `http://localhost:${(server.address() as AddressInfo).port}/auth/callback`;
    const url = address(redirect);
    // The browser may stay open for as long as it likes.
    person.open(url).catch(reject);
    person.print(`Your browser will now be opened to:\n${url}\n`);
    return { code: await promise, redirect };
  } finally {
    clearTimeout(timer);
    server.close();
  }
}

async function openBrowser(url: string): Promise<void> {
  const browser = BROWSERS.find((program) => Bun.which(program) !== null);
  if (browser === undefined) throw new ToolError("unavailable", `none of ${BROWSERS.join(", ")} is installed`);
  const { exitCode, stderr } = await run(browser, [url]);
  if (exitCode !== 0) throw new ToolError("unavailable", `${browser}: ${stderr.toString("utf8").trim()}`);
}

/** A client with a secret shows it in the header; providers that want it in the form say no to that. */
async function exchange(url: string, choice: ByProvider, form: Readonly<Record<string, string>>): Promise<ServiceAnswer> {
  const { clientId, clientSecret } = choice;
  if (clientSecret !== "") {
    const credentials = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`).toString("base64");
    const answer = await askService(url, { form, headers: { authorization: `Basic ${credentials}` } });
    if (answer.status === 200) return answer;
  }
  const answer = await askService(url, {
    form: { ...form, client_id: clientId, ...(clientSecret === "" ? {} : { client_secret: clientSecret }) },
  });
  if (answer.status !== 200) throw refusal("oauth2: cannot fetch token", answer);
  return answer;
}
