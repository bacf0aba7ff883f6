// Sends numbered records over Fluent Forward and waits for their acks, as an application with @fluent-org/logger.
// Arguments, as JSON: where {host, port} or {path}, mode, compress, security, count, secret, tls (a certificate).
import { readFileSync } from "node:fs";
import fluent from "@fluent-org/logger";

const given = JSON.parse(process.argv[2]);
const client = new fluent.FluentClient("shop", {
  eventMode: given.mode,
  socket: {
    ...given.where,
    ...(given.tls ? { tls: { ca: readFileSync(given.tls), servername: "localhost" } } : {}),
  },
  ack: { ackTimeout: 20000 },
  ...(given.security ? { security: given.security } : {}),
});
await client.connect();
const sent = [];
for (let n = 0; n < given.count; n++) {
  const record = { n, message: `GET /items/${n} 200` };
  if (n % 10 === 0) record.password = given.secret;
  sent.push(client.emit("web", record));
}
await Promise.all(sent);
await client.shutdown();
console.log("acknowledged");
