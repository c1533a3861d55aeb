/** REST API: Docker's clients and podman's own, here and elsewhere, work against the service. */
import { spawnSync } from "node:child_process";
import { realpathSync } from "node:fs";
import { it } from "vitest";
import { originalPath, systemProgram } from "../harness/binaries.ts";
import { tour } from "../harness/tour.ts";

const docker = systemProgram("docker");
const python = ["/usr/bin/python3", systemProgram("python3") ?? ""].find(
  (program) => program !== "" && spawnSync(program, ["-c", "import docker"]).status === 0,
);
const variables = { DOCKER: docker === undefined ? "" : realpathSync(docker), PYTHON: python ?? "" };

tour("REST API", { users: ["root", "rootless"], images: ["nginx"], variables }, ({ type, user }) => {
  it("is served on a socket, by hand", () => type`
    $ podman system service --time 0 unix://$HOME/podman.sock 2>service.log &
    $ service=$!; test -S podman.sock  # soon
    $ curl -s --unix-socket podman.sock http://d/_ping
    OK
  `);

  it.skipIf(docker === undefined)(
    "docker lists, runs, executes, logs, builds and removes",
    () => type`
    $ docker() { "$DOCKER" -H unix://$HOME/podman.sock "$@"; }
    $ docker images --format '{{.Repository}}:{{.Tag}}'
    localhost/nginx:latest
    $ docker run -d --name web -p $PORT:80 nginx
    <id>
    $ curl -s -o /dev/null -w '%{http_code}\n' http://127.0.0.1:$PORT  # soon
    200
    $ docker ps --format '{{.Names}} {{.Image}}'
    web localhost/nginx:latest
    $ docker exec web sh -c 'echo inside; exit 3'
    inside
    [exit 3]
    $ docker logs web | grep -c 'GET / HTTP/1.1'
    1
    $ printf 'FROM nginx\nRUN echo built > /built\n' > Dockerfile
    $ DOCKER_BUILDKIT=0 docker build -q --network host -t built . 2>/dev/null
    <id>
    $ docker run --rm --network none built cat /built
    built
    $ docker rm -f web
    web
    $ docker rmi built
    Deleted: <id>
    Untagged: docker.io/library/built:latest
  `,
  );

  // The interpreter that has the package may be root's alone.
  it.skipIf(python === undefined || user === "rootless")(
    "docker-py",
    () => type`
    $ cat > client.py <<EOF
    > import docker
    > client = docker.DockerClient(base_url="unix://$HOME/podman.sock")
    > print([image.tags for image in client.images.list()])
    > print(client.containers.run("nginx", ["echo", "from", "python"], remove=True, network_mode="none").decode().strip())
    > container = client.containers.run("nginx", ["sleep", "1000"], detach=True, name="slow", network_mode="none")
    > print(container.exec_run("echo hello").output.decode().strip(), [c.name for c in client.containers.list()])
    > container.kill()
    > container.remove()
    > EOF
    $ "$PYTHON" client.py
    [['localhost/nginx:latest']]
    from python
    hello ['slow']
  `,
  );

  it("podman itself, elsewhere", () => type`
    $ podman --url unix://$HOME/podman.sock run --rm --network none nginx echo far away
    far away
    $ podman system connection add here unix://$HOME/podman.sock
    $ podman system connection list --format '{{.Name}} {{.URI}}'
    here unix://$HOME/podman.sock
    $ podman --connection here run -d --name remote --network none nginx sh -c 'echo started; sleep 1000'
    <id>
    $ podman --connection here ps --format '{{.Names}}'
    remote
    $ podman --connection here exec remote echo inside
    inside
    $ podman --connection here logs remote  # soon
    started
    $ podman --connection here rm -f -t 0 remote
    remote
    $ podman system connection remove here
  `);

  it.skipIf(originalPath("podman") === undefined)(
    "the original podman, elsewhere",
    () => type`
    $ original() { "$ORIGINAL_PODMAN" --url unix://$HOME/podman.sock "$@"; }
    $ original run -d --name theirs --network none nginx sh -c 'echo started; sleep 1000'
    <id>
    $ original ps --format '{{.Names}}'
    theirs
    $ original exec theirs echo inside
    inside
    $ original logs theirs  # soon
    started
    $ original rm -f -t 0 theirs
    theirs
  `,
  );

  it("ends", () => type`
    $ kill $service; wait $service; podman ps -aq
  `);
});
