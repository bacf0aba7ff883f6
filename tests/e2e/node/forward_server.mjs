// Receives Fluent Forward as an upstream does, with @fluent-org/logger: says its port, then a line of JSON an entry.
// Argument, as JSON: security, or null for none.
import fluent from "@fluent-org/logger";

const security = JSON.parse(process.argv[2]);
const server = new fluent.FluentServer({
  listenOptions: { port: 0, host: "127.0.0.1" },
  keepalive: true,
  ...(security ? { security } : {}),
});
server.on("entry", (tag, time, record) => console.log(JSON.stringify({ tag, record })));
await server.listen();
console.log(JSON.stringify({ port: server.port }));
process.on("SIGTERM", () => process.exit(0));
