import type { Database } from "bun:sqlite";
import { ToolError } from "@containers/common/errors/tool-error";
import type { Container, ContainerConfig } from "../../containers/config.ts";
import type { ContainerState, ContainerStatus } from "../../containers/state.ts";
import type { ContainerFilter, ContainerSummary, ContainerTable } from "../state.ts";
import { networkNames, userMountTargets, volumeNames } from "../summary-fields.ts";

interface ContainerRow {
  readonly config: string;
  readonly state: string;
}

interface SummaryRow {
  readonly id: string;
  readonly name: string;
  readonly image_id: string;
  readonly image_name: string;
  readonly pod_id: string;
  readonly is_infra: number;
  readonly auto_remove: number;
  readonly created_at: string;
  readonly process: string;
  readonly command: string;
  readonly labels: string;
  readonly mounts: string;
  readonly volumes: string;
  readonly networks: string;
  readonly ports: string;
  readonly exposed: string;
  readonly cidfile: string;
  readonly status: string;
  readonly pid: number;
  readonly pid_start_time: number;
  readonly conmon_pid: number;
  readonly exit_code: number;
  readonly started_at: string;
  readonly finished_at: string;
  readonly restart_count: number;
  readonly boot_id: string;
  readonly needs_cleanup: number;
  readonly health: string;
}

const SELECT_CONTAINER = "SELECT c.config, s.state FROM containers c JOIN container_states s USING (id)";
const SELECT_SUMMARY = `SELECT id, name, image_id, image_name, pod_id, is_infra, auto_remove, created_at, process, command, labels, mounts, volumes,
  networks, ports, exposed, cidfile, status, pid, pid_start_time, conmon_pid, exit_code, started_at, finished_at, restart_count, boot_id, needs_cleanup, health
  FROM containers JOIN container_states USING (id)`;

export function containerTable(database: Database, transaction: <T>(body: () => T) => T): ContainerTable {
  return {
    insert(container) {
      transaction(() => {
        refuseTaken(database, container.config);
        insertConfig(database, container.config);
        insertState(database, container.config.id, container.state);
      });
    },
    get(id) {
      const row = database.query<ContainerRow, [string]>(`${SELECT_CONTAINER} WHERE c.id = ?`).get(id);
      return row === null ? undefined : toContainer(row);
    },
    resolve: (reference) => resolve(database, reference),
    list: (filter) => list(database, filter ?? {}),
    setState: (id, state) => updateState(database, id, state),
    setConfig: (id, config) => updateConfig(database, id, config),
    remove(id) {
      database.query("DELETE FROM containers WHERE id = ?").run(id);
    },
    dependents(id) {
      return database
        .query<{ id: string }, [string]>("SELECT id FROM container_dependencies WHERE dependency_id = ?")
        .all(id)
        .map((row) => row.id);
    },
    usingVolume(name) {
      return database
        .query<{ id: string }, [string]>("SELECT id FROM container_volumes WHERE volume = ?")
        .all(name)
        .map((row) => row.id);
    },
  };
}

function refuseTaken(database: Database, config: ContainerConfig): void {
  const row = database
    .query<{ id: string }, [string, string]>("SELECT id FROM containers WHERE name = ? OR id = ?")
    .get(config.name, config.id);
  if (row === null) return;
  throw new ToolError(
    "already-exists",
    `creating container storage: the container name "${config.name}" is already in use by ${row.id}. You have to remove that container to be able to reuse that name: that name is already in use, or use --replace to instruct Podman to do so.`,
    { code: "name-in-use" },
  );
}

function insertConfig(database: Database, config: ContainerConfig): void {
  database
    .query(`INSERT INTO containers (id, name, image_id, image_name, pod_id, is_infra, auto_remove, created_at, process, command, labels, mounts, volumes,
      networks, ports, exposed, cidfile, config) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
    .run(
      config.id,
      config.name,
      config.imageId,
      config.imageName,
      config.podId,
      Number(config.isInfra),
      Number(config.autoRemove),
      config.createdAt,
      JSON.stringify(config.process),
      JSON.stringify(config.command),
      JSON.stringify(config.labels),
      JSON.stringify(userMountTargets(config)),
      JSON.stringify(volumeNames(config)),
      JSON.stringify(networkNames(config)),
      JSON.stringify(config.network.ports),
      JSON.stringify(config.network.exposed),
      config.cidfile,
      JSON.stringify(config),
    );
  for (const dependency of config.dependencies) {
    database.query("INSERT OR IGNORE INTO container_dependencies (id, dependency_id) VALUES (?, ?)").run(config.id, dependency);
  }
  for (const volume of volumeNames(config)) {
    database.query("INSERT OR IGNORE INTO container_volumes (id, volume) VALUES (?, ?)").run(config.id, volume);
  }
}

function updateConfig(database: Database, id: string, config: ContainerConfig): void {
  try {
    database
      .query("UPDATE containers SET name = ?, networks = ?, config = ? WHERE id = ?")
      .run(config.name, JSON.stringify(networkNames(config)), JSON.stringify(config), id);
  } catch (error) {
    if (error instanceof Error && /UNIQUE/.test(error.message)) {
      throw new ToolError("already-exists", `name "${config.name}" is already in use by another container`, { code: "name-in-use" });
    }
    throw error;
  }
}

function insertState(database: Database, id: string, state: ContainerState): void {
  database
    .query(`INSERT INTO container_states (status, pid, pid_start_time, conmon_pid, exit_code, started_at, finished_at, restart_count, boot_id, needs_cleanup, health, state, id)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
    .run(...stateColumns(state), id);
}

function updateState(database: Database, id: string, state: ContainerState): boolean {
  const result = database
    .query(`UPDATE container_states SET status = ?, pid = ?, pid_start_time = ?, conmon_pid = ?, exit_code = ?, started_at = ?, finished_at = ?,
      restart_count = ?, boot_id = ?, needs_cleanup = ?, health = ?, state = ? WHERE id = ?`)
    .run(...stateColumns(state), id);
  return result.changes > 0;
}

function stateColumns(
  state: ContainerState,
): [string, number, number, number, number, string, string, number, string, number, string, string] {
  return [
    state.status,
    state.pid,
    state.pidStartTime,
    state.conmonPid,
    state.exitCode,
    state.startedAt,
    state.finishedAt,
    state.restartCount,
    state.bootId,
    Number(state.needsCleanup),
    state.health?.status ?? "",
    JSON.stringify(state),
  ];
}

function resolve(database: Database, asked: string): Container | undefined {
  const reference = asked.startsWith("/") ? asked.slice(1) : asked;
  const exact = database
    .query<ContainerRow, [string, string]>(`${SELECT_CONTAINER} WHERE c.id = ? OR c.name = ?`)
    .get(reference, reference);
  if (exact !== null) return toContainer(exact);
  if (!/^[0-9a-f]+$/.test(reference)) return undefined;
  const rows = database
    .query<ContainerRow, [string, string]>(`${SELECT_CONTAINER} WHERE c.id >= ? AND c.id < ? LIMIT 2`)
    .all(reference, `${reference}g`);
  const [row] = rows;
  if (rows.length > 1) {
    throw new ToolError("invalid-argument", `more than one result for container name or ID ${reference}`, { code: "ambiguous" });
  }
  return row === undefined ? undefined : toContainer(row);
}

function list(database: Database, filter: ContainerFilter): ContainerSummary[] {
  const conditions: string[] = [];
  const values: string[] = [];
  if (filter.statuses !== undefined) {
    conditions.push(`status IN (${filter.statuses.map(() => "?").join(", ")})`);
    values.push(...filter.statuses);
  }
  if (filter.imageId !== undefined) {
    conditions.push("image_id = ?");
    values.push(filter.imageId);
  }
  if (filter.podId !== undefined) {
    conditions.push("pod_id = ?");
    values.push(filter.podId);
  }
  const where = conditions.length === 0 ? "" : ` WHERE ${conditions.join(" AND ")}`;
  return database
    .query<SummaryRow, string[]>(`${SELECT_SUMMARY}${where} ORDER BY created_at`)
    .all(...values)
    .map(toSummary);
}

// The rows below were written by this module alone, so their JSON is trusted to be of these shapes.
function toContainer(row: ContainerRow): Container {
  return { config: JSON.parse(row.config) as ContainerConfig, state: JSON.parse(row.state) as ContainerState };
}

function toSummary(row: SummaryRow): ContainerSummary {
  return {
    id: row.id,
    name: row.name,
    imageId: row.image_id,
    imageName: row.image_name,
    podId: row.pod_id,
    isInfra: row.is_infra !== 0,
    autoRemove: row.auto_remove !== 0,
    createdAt: row.created_at,
    process: JSON.parse(row.process) as string[],
    command: JSON.parse(row.command) as string[],
    labels: JSON.parse(row.labels) as Record<string, string>,
    mounts: JSON.parse(row.mounts) as string[],
    volumes: JSON.parse(row.volumes) as string[],
    networks: JSON.parse(row.networks) as string[],
    ports: JSON.parse(row.ports) as ContainerSummary["ports"],
    exposed: JSON.parse(row.exposed) as string[],
    cidfile: row.cidfile,
    status: row.status as ContainerStatus,
    pid: row.pid,
    pidStartTime: row.pid_start_time,
    conmonPid: row.conmon_pid,
    exitCode: row.exit_code,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    restartCount: row.restart_count,
    bootId: row.boot_id,
    needsCleanup: row.needs_cleanup !== 0,
    health: row.health,
  };
}
