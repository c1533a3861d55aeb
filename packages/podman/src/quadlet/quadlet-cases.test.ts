import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseUnitFile, printUnitFile } from "../systemd/unit-file.ts";
import { translateUnits } from "./translate/translate-units.ts";

/**
 * Every file of cases/ holds quadlets and what becomes of them, in blocks: `=== web.container` is a quadlet, `=== => web.service` the service that
 * it has to become, `=== ! web.container` why it cannot, `=== warning` what is said on the way. A case in `user-` is for a user's manager.
 */
describe("quadlet cases", () => {
  const directory = join(import.meta.dirname, "cases");
  for (const file of readdirSync(directory).sort()) {
    test(file.replace(/\.txt$/, ""), () => {
      const text = readFileSync(join(directory, file), "utf8");
      expect(answers(text, file.startsWith("user-"))).toBe(text);
    });
  }
});

/** The case with the quadlets it has and the answers that ours gives. */
function answers(text: string, user: boolean): string {
  const questions = blocks(text).filter(({ title }) => !/^(=>|!|warning)/.test(title));
  const warnings: string[] = [];
  const units = questions.map(({ title, body }) => parseUnitFile(body, `/q/${title}`));
  const translated = translateUnits(units, {
    user,
    podman: "/usr/bin/podman",
    warn: (warning) => warnings.push(warning),
    exists: (path) => path === "/dev/null",
  });
  const results = translated.map(({ unit, service, error }) =>
    service === undefined
      ? { title: `! ${unit.name}`, body: `${error ?? ""}\n` }
      : { title: `=> ${service.name}`, body: printUnitFile(service) },
  );
  const said = warnings.map((warning) => ({ title: "warning", body: `${warning}\n` }));
  return [...questions, ...results, ...said].map(({ title, body }) => `=== ${title}\n${body}`).join("");
}

function blocks(text: string): { title: string; body: string }[] {
  return text
    .split(/^=== /m)
    .slice(1)
    .map((block) => ({ title: block.slice(0, block.indexOf("\n")), body: block.slice(block.indexOf("\n") + 1) }));
}
