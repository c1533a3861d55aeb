import { loadContainersConf } from "@containers/common/config/containers-conf";
import { containersConfKeys } from "@containers/common/config/containers-conf-keys";
import { expect, it } from "vitest";
import { podmanshCommand } from "./podmansh.ts";

it("podmansh is a shell in the container that containers.conf names", () => {
  const config = loadContainersConf({ systemRoot: "/nosuch", env: { HOME: "/nosuch" }, rootless: false });
  const withoutTerminal = (line: readonly string[]) => line.filter((word) => word !== "-t");
  expect(withoutTerminal(podmanshCommand(["-c", "id"], config))).toEqual(["exec", "-i", "--wait", "30", "podmansh", "/bin/sh", "-c", "id"]);
  const podmansh = { shell: "/bin/zsh", container: "mine", timeout: 5 };
  expect(withoutTerminal(podmanshCommand([], { ...config, podmansh }))).toEqual(["exec", "-i", "--wait", "5", "mine", "/bin/zsh"]);
  const engine = { ...config.engine, podmanshTimeout: 7 };
  expect(podmanshCommand([], { ...config, engine })).toContain("7");
  expect(containersConfKeys.podmansh.timeout.default).toBe(0);
});
